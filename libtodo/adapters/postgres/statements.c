#include "adapters/postgres/statements.h"

/* What todo__pg_row_item reads. The owner is known to whoever asks. */
#define ITEM "t.id, t.title, t.description, t.completed, t.created_at, t.updated_at, t.version, t.deleted_at"

/* What todo__pg_row_user reads. */
#define USER "id, email, display_name, password_hash, created_at"

/*
 * Those whose parameters are arrays carry requests of several callers: q.n, last in each row, says whose the row is.
 */

/*
 * What a read that found nothing for q has instead of a todo: nulls, and here whether there is such a user (null: none). A
 * scalar query: unlike EXISTS, the planner never makes a hash of all users for it.
 */
#define KNOWN "CASE WHEN t.id IS NULL THEN (SELECT true FROM users u WHERE u.id = q.user_id) ELSE true END"

/*
 * For each q: the owner, completed or null for any, the position to begin behind, the limit, whether the trash is meant.
 * Rows come in the order of q, and for each q in the order asked for: the limit leaves the planner no other way. That a
 * todo is in the trash is said in the very words of the index.
 */
#define LIST(key, relation, direction)                                                                    \
    "SELECT t.*, " KNOWN ", q.n"                                                                          \
    " FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::boolean[])" \
    " WITH ORDINALITY AS q (user_id, completed, key, id, most, deleted, n)"                               \
    " LEFT JOIN LATERAL (SELECT " ITEM " FROM todos t"                                                    \
    " WHERE t.user_id = q.user_id AND (t.deleted_at IS NOT NULL) = q.deleted"                             \
    " AND (q.completed IS NULL OR t.completed = q.completed)"                                             \
    " AND (t." key ", t.id) " relation " (q.key, q.id)"                                                   \
    " ORDER BY t." key " " direction ", t.id " direction " LIMIT q.most) t ON true"

/* One list alone, of the same parameters: half the server's time a row, for no row is joined to what asked for it. */
#define LONG_LIST(key, relation, direction)                                    \
    "SELECT " ITEM " FROM todos t"                                             \
    " WHERE t.user_id = $1::uuid AND (t.deleted_at IS NOT NULL) = $6::boolean" \
    " AND ($2::boolean IS NULL OR t.completed = $2)"                           \
    " AND (t." key ", t.id) " relation " ($3::timestamptz, $4::uuid)"          \
    " ORDER BY t." key " " direction ", t.id " direction " LIMIT $5::bigint"

/* A change of one todo, of $1 and $2, if it has the version $3 (0: whichever it has), at the time $4. */
#define CHANGE                                    \
    "UPDATE todos t SET version = t.version + 1," \
    " updated_at = greatest($4::timestamptz, t.updated_at + interval '1 microsecond'),"
#define OF_ONE " WHERE t.id = $1::uuid AND t.user_id = $2::uuid AND ($3::bigint = 0 OR t.version = $3)"

/* Whether a patch q leaves every member of the todo t as it is. */
#define IDLE                                                                  \
    "((coalesce(q.title, t.title),"                                           \
    " CASE WHEN q.has_description THEN q.description ELSE t.description END," \
    " coalesce(q.completed, t.completed))"                                    \
    " IS NOT DISTINCT FROM (t.title, t.description, t.completed))"

/*
 * The first $2 of those that were removed before $1. What somebody restores at this moment is left to them. One user's are
 * found by the user: an order that no index has keeps the planner from looking through everybody's.
 */
#define PURGE(of_whom, order)                                                                     \
    "DELETE FROM todos WHERE id IN (SELECT id FROM todos WHERE " of_whom                          \
    "deleted_at IS NOT NULL AND deleted_at < $1::timestamptz ORDER BY " order " LIMIT $2::bigint" \
    " FOR UPDATE SKIP LOCKED)"

const todo__pg_statement todo__pg_statements[TODO__PG_STATEMENTS] = {
    [TODO__PG_PING] = {"todo_ping", "SELECT 1", false},

    /* How far the server is in the log: what a standby has applied, what a primary has written. */
    [TODO__PG_POSITION] = {"todo_position",
                           "SELECT ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                           " ELSE pg_current_wal_insert_lsn() END) - '0/0'::pg_lsn)::bigint",
                           false},

    [TODO__PG_TODO_GET] =
        {"todo_get",
         "SELECT " ITEM ", " KNOWN ", q.n"
         " FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS q (id, user_id, n)"
         " LEFT JOIN todos t ON t.id = q.id AND t.user_id = q.user_id AND t.deleted_at IS NULL",
         false},

    [TODO__PG_TODO_LIST_CREATED_DOWN] = {"todo_list_created_down", LIST("created_at", "<", "DESC"), false},
    [TODO__PG_TODO_LIST_CREATED_UP] = {"todo_list_created_up", LIST("created_at", ">", "ASC"), false},
    [TODO__PG_TODO_LIST_UPDATED_DOWN] = {"todo_list_updated_down", LIST("updated_at", "<", "DESC"), false},
    [TODO__PG_TODO_LIST_UPDATED_UP] = {"todo_list_updated_up", LIST("updated_at", ">", "ASC"), false},

    [TODO__PG_TODO_LONG_LIST_CREATED_DOWN] = {"todo_long_list_created_down",
                                              LONG_LIST("created_at", "<", "DESC"), false},
    [TODO__PG_TODO_LONG_LIST_CREATED_UP] = {"todo_long_list_created_up", LONG_LIST("created_at", ">", "ASC"),
                                            false},
    [TODO__PG_TODO_LONG_LIST_UPDATED_DOWN] = {"todo_long_list_updated_down",
                                              LONG_LIST("updated_at", "<", "DESC"), false},
    [TODO__PG_TODO_LONG_LIST_UPDATED_UP] = {"todo_long_list_updated_up", LONG_LIST("updated_at", ">", "ASC"),
                                            false},

    [TODO__PG_TODO_INSERT] = {"todo_insert",
                              "INSERT INTO todos (id, user_id, title, description, completed,"
                              " created_at, updated_at, version, deleted_at)"
                              " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[],"
                              " $5::boolean[], $6::timestamptz[], $7::timestamptz[], $8::bigint[],"
                              " $9::timestamptz[])",
                              true},

    /*
     * Leaves alone what is null, and the description where `has_description` is false. A patch that leaves every member
     * as it is does not count as a change. In the order of ids, so that two of these do not wait for each other's rows.
     */
    [TODO__PG_TODO_UPDATE] =
        {"todo_update",
         "UPDATE todos t SET title = coalesce(q.title, t.title),"
         " description = CASE WHEN q.has_description THEN q.description ELSE t.description END,"
         " completed = coalesce(q.completed, t.completed),"
         " updated_at = CASE WHEN " IDLE " THEN t.updated_at"
         " ELSE greatest(q.now, t.updated_at + interval '1 microsecond') END,"
         " version = CASE WHEN " IDLE " THEN t.version ELSE t.version + 1 END"
         " FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[],"
         " $5::boolean[], $6::text[], $7::boolean[], $8::timestamptz[])"
         " WITH ORDINALITY AS u (id, user_id, if_version, title, has_description,"
         " description, completed, now, n) ORDER BY id) q"
         " WHERE t.id = q.id AND t.user_id = q.user_id AND t.deleted_at IS NULL"
         " AND (q.if_version = 0 OR t.version = q.if_version)"
         " RETURNING " ITEM ", q.n",
         true},

    [TODO__PG_TODO_DELETE] = {"todo_delete",
                              "DELETE FROM todos WHERE id = $1::uuid AND user_id = $2::uuid"
                              " AND ($3::bigint = 0 OR version = $3)",
                              true},

    [TODO__PG_TODO_TRASH] = {"todo_trash",
                             CHANGE
                             " deleted_at = greatest($4, t.updated_at + interval '1 microsecond')" OF_ONE
                             " AND t.deleted_at IS NULL RETURNING t.version",
                             true},

    [TODO__PG_TODO_RESTORE] = {"todo_restore",
                               CHANGE " deleted_at = NULL" OF_ONE
                                      " AND t.deleted_at IS NOT NULL RETURNING " ITEM,
                               true},

    [TODO__PG_TODO_PURGE] = {"todo_purge", PURGE("", "deleted_at"), true},
    [TODO__PG_TODO_PURGE_USER] = {"todo_purge_user",
                                  PURGE("user_id = $3::uuid AND ", "deleted_at + interval '0'"), true},

    [TODO__PG_TODO_GET_TRASHED] = {"todo_get_trashed",
                                   "SELECT " ITEM ", " KNOWN
                                   " FROM (VALUES ($1::uuid, $2::uuid)) AS q (id, user_id) LEFT JOIN todos t"
                                   " ON t.id = q.id AND t.user_id = q.user_id AND t.deleted_at IS NOT NULL",
                                   false},

    [TODO__PG_TODO_COUNT_TRASH] = {"todo_count_trash",
                                   "SELECT count(*) FROM todos WHERE deleted_at < $1::timestamptz", false},
    [TODO__PG_TODO_COUNT_TRASH_USER] = {"todo_count_trash_user",
                                        "SELECT count(*) FROM todos WHERE user_id = $2::uuid"
                                        " AND deleted_at IS NOT NULL AND deleted_at < $1::timestamptz",
                                        false},

    /*
     * Why a change found no row: whether the user is there, and the todo, in the trash ($3 true), outside of it (false) or
     * wherever (null).
     */
    [TODO__PG_TODO_EXISTS] = {"todo_exists",
                              "SELECT EXISTS (SELECT FROM users WHERE id = $2::uuid),"
                              " EXISTS (SELECT FROM todos WHERE id = $1::uuid AND user_id = $2"
                              " AND ($3::boolean IS NULL OR (deleted_at IS NOT NULL) = $3))",
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
