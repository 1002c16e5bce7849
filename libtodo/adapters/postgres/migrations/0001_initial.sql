-- The tables of the HTTP contract. IF NOT EXISTS, for a database that another implementation of the contract made is
-- taken over as it is; 0002 brings it to the form that the library relies on.
CREATE TABLE IF NOT EXISTS users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL UNIQUE,
    display_name  text,
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS todos (
    id          uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title       text        NOT NULL,
    description text,
    completed   boolean     NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS files (
    id           uuid        PRIMARY KEY,
    todo_id      uuid        NOT NULL REFERENCES todos (id) ON DELETE CASCADE,
    filename     text        NOT NULL,
    mime_type    text        NOT NULL,
    size_bytes   bigint      NOT NULL,
    storage_path text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);
