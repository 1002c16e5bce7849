-- Ids are the 16 bytes of a UUID, times are microseconds since 1970 in UTC.

CREATE TABLE users (
    id            BLOB    PRIMARY KEY CHECK (length(id) = 16),
    email         TEXT    NOT NULL UNIQUE,
    display_name  TEXT,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- The integer key keeps the table in the order of creation, whatever the ids, and a row cheap to find from an index.
CREATE TABLE todos (
    key         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id     BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title       TEXT    NOT NULL,
    description TEXT,
    completed   INTEGER NOT NULL CHECK (completed IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT;

-- One for each order of a list; the id decides among equals. With the flag in front, a list of open todos is as near as
-- one of all, which is the two kinds merged.
CREATE INDEX todos_by_created_at ON todos (user_id, completed, created_at, id);
CREATE INDEX todos_by_updated_at ON todos (user_id, completed, updated_at, id);
