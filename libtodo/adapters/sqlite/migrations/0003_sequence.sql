-- One sequence per user (docs/decisions/0038-one-sequence-per-user.md): each change of a todo raises its user's counter, and
-- keeps the number. Existing todos are numbered in the order in which they were changed last.
CREATE TABLE user_sequences (
    user_id BLOB    PRIMARY KEY CHECK (length(user_id) = 16),
    epoch   INTEGER NOT NULL,
    modseq  INTEGER NOT NULL DEFAULT 0,
    purged  INTEGER NOT NULL DEFAULT 0 -- the highest number at which a todo vanished for good
) STRICT, WITHOUT ROWID;
INSERT INTO user_sequences (user_id, epoch, modseq)
SELECT id, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER),
       (SELECT count(*) FROM todos WHERE user_id = users.id) FROM users;

-- An id is unique within its user, and no constraint leaves the user.
CREATE TABLE todos_new (
    key         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    user_id     BLOB    NOT NULL,
    title       TEXT    NOT NULL,
    description TEXT,
    completed   INTEGER NOT NULL CHECK (completed IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    deleted_at  INTEGER,
    modseq      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user_id, id)
) STRICT;
INSERT INTO todos_new
SELECT key, id, user_id, title, description, completed, created_at, updated_at, version, deleted_at,
       row_number() OVER (PARTITION BY user_id ORDER BY updated_at, id) FROM todos;
DROP TABLE todos;
ALTER TABLE todos_new RENAME TO todos;
CREATE INDEX todos_by_created_at ON todos (user_id, (deleted_at IS NOT NULL), completed, created_at, id);
CREATE INDEX todos_by_updated_at ON todos (user_id, (deleted_at IS NOT NULL), completed, updated_at, id);
CREATE INDEX todos_by_deleted_at ON todos (deleted_at) WHERE deleted_at IS NOT NULL;
