-- loses: todos whose ids other users have too
-- if: SELECT count(*) - count(DISTINCT id) FROM todos
DELETE FROM todos WHERE EXISTS (SELECT 1 FROM todos o WHERE o.id = todos.id AND o.user_id < todos.user_id);
CREATE TABLE todos_old (
    key         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id     BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title       TEXT    NOT NULL,
    description TEXT,
    completed   INTEGER NOT NULL CHECK (completed IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;
INSERT INTO todos_old
SELECT key, id, user_id, title, description, completed, created_at, updated_at, version, deleted_at FROM todos;
DROP TABLE todos;
ALTER TABLE todos_old RENAME TO todos;
CREATE INDEX todos_by_created_at ON todos (user_id, (deleted_at IS NOT NULL), completed, created_at, id);
CREATE INDEX todos_by_updated_at ON todos (user_id, (deleted_at IS NOT NULL), completed, updated_at, id);
CREATE INDEX todos_by_deleted_at ON todos (deleted_at) WHERE deleted_at IS NOT NULL;
DROP TABLE user_sequences;
