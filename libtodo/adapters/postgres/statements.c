#include "adapters/postgres/statements.h"

/* What todo__pg_row_item reads. The owner is known to whoever asks. */
#define ITEM "id, title, description, completed, created_at, updated_at, version"

/* What todo__pg_row_user reads. */
#define USER "id, email, display_name, password_hash, created_at"

/* $1 the owner, $2 completed or null for any, $3 and $4 the position to begin behind, $5 the limit. */
#define LIST(key, relation, direction)                                      \
    "SELECT " ITEM " FROM todos"                                            \
    " WHERE user_id = $1::uuid AND ($2::boolean IS NULL OR completed = $2)" \
    " AND (" key ", id) " relation " ($3::timestamptz, $4::uuid)"           \
    " ORDER BY " key " " direction ", id " direction " LIMIT $5::bigint"

const todo__pg_statement todo__pg_statements[TODO__PG_STATEMENTS] = {
    [TODO__PG_PING] = {"todo_ping", "SELECT 1", false},

    [TODO__PG_TODO_GET] = {"todo_get",
                           "SELECT " ITEM " FROM todos WHERE id = $1::uuid AND user_id = $2::uuid", false},

    [TODO__PG_TODO_LIST_CREATED_DOWN] = {"todo_list_created_down", LIST("created_at", "<", "DESC"), false},
    [TODO__PG_TODO_LIST_CREATED_UP] = {"todo_list_created_up", LIST("created_at", ">", "ASC"), false},
    [TODO__PG_TODO_LIST_UPDATED_DOWN] = {"todo_list_updated_down", LIST("updated_at", "<", "DESC"), false},
    [TODO__PG_TODO_LIST_UPDATED_UP] = {"todo_list_updated_up", LIST("updated_at", ">", "ASC"), false},

    [TODO__PG_TODO_INSERT] = {"todo_insert",
                              "INSERT INTO todos (id, user_id, title, description, completed,"
                              " created_at, updated_at, version)"
                              " VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::boolean,"
                              " $6::timestamptz, $7::timestamptz, $8::bigint)",
                              true},

    [TODO__PG_TODO_INSERT_MANY] = {"todo_insert_many",
                                   "INSERT INTO todos (id, user_id, title, description, completed,"
                                   " created_at, updated_at, version)"
                                   " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[],"
                                   " $5::boolean[], $6::timestamptz[], $7::timestamptz[], $8::bigint[])",
                                   true},

    /* A null title or completed, and a description of which $5 is false, stay as they are. */
    [TODO__PG_TODO_UPDATE] =
        {"todo_update",
         "UPDATE todos SET title = coalesce($4::text, title),"
         " description = CASE WHEN $5::boolean THEN $6::text ELSE description END,"
         " completed = coalesce($7::boolean, completed),"
         " updated_at = greatest($8::timestamptz, updated_at + interval '1 microsecond'),"
         " version = version + 1"
         " WHERE id = $1::uuid AND user_id = $2::uuid"
         " AND ($3::bigint = 0 OR version = $3)"
         " RETURNING " ITEM,
         true},

    [TODO__PG_TODO_DELETE] = {"todo_delete",
                              "DELETE FROM todos WHERE id = $1::uuid AND user_id = $2::uuid"
                              " AND ($3::bigint = 0 OR version = $3)",
                              true},

    /* Why a change found no row: whether the user is there, and the todo. */
    [TODO__PG_TODO_EXISTS] = {"todo_exists",
                              "SELECT EXISTS (SELECT FROM users WHERE id = $2::uuid),"
                              " EXISTS (SELECT FROM todos WHERE id = $1::uuid AND user_id = $2)",
                              false},

    [TODO__PG_USER_INSERT] = {"todo_user_insert",
                              "INSERT INTO users (" USER ")"
                              " VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::timestamptz)",
                              true},

    [TODO__PG_USER_BY_EMAIL] = {"todo_user_by_email", "SELECT " USER " FROM users WHERE email = $1::text",
                                false},

    [TODO__PG_USER_BY_ID] = {"todo_user_by_id", "SELECT " USER " FROM users WHERE id = $1::uuid", false},

    [TODO__PG_USER_LIST] = {"todo_user_list",
                            "SELECT " USER " FROM users"
                            " WHERE (created_at, id) > ($1::timestamptz, $2::uuid)"
                            " ORDER BY created_at, id LIMIT $3::bigint",
                            false},

    /* $3: only in place of this hash, unless null. */
    [TODO__PG_USER_SET_HASH] = {"todo_user_set_hash",
                                "UPDATE users SET password_hash = $2::text"
                                " WHERE id = $1::uuid AND ($3::text IS NULL OR password_hash = $3)",
                                true},

};
