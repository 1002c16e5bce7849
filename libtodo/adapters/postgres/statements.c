#include "adapters/postgres/statements.h"

#include <pthread.h>

#include "adapters/sql/sql.h"

/* What todo__pg_row_item reads. Behind it stands the owner's sequence: SEQUENCE. */
#define ITEM     "{item:t.%n}"
#define SEQUENCE "s.epoch, s.modseq"

/* What todo__pg_row_user reads. */
#define USER "id, email, display_name, password_hash, created_at"

/*
 * Those whose parameters are arrays carry requests of several callers: q.n, last in each row, is the request's number. A
 * read tells the user's sequence in its own snapshot. It has a row for each q: nulls stand for what it did not find, and a
 * null epoch for a user that does not exist.
 */

/*
 * For each q: the owner, completed or null for any, the position to begin behind, the limit, whether the trash is meant.
 * Rows come in the order of q, and for each q in the order asked for: the limit leaves the planner no other way. That a
 * todo is in the trash is said in the very words of the index.
 */
#define LIST(key, relation, direction)                                                                    \
    "SELECT t.*, " SEQUENCE ", q.n"                                                                       \
    " FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::boolean[])" \
    " WITH ORDINALITY AS q (user_id, completed, key, id, most, deleted, n)"                               \
    " LEFT JOIN user_sequences s ON s.user_id = q.user_id"                                                \
    " LEFT JOIN LATERAL (SELECT " ITEM " FROM todos t"                                                    \
    " WHERE t.user_id = q.user_id AND (t.deleted_at IS NOT NULL) = q.deleted"                             \
    " AND (q.completed IS NULL OR t.completed = q.completed)"                                             \
    " AND (t." key ", t.id) " relation " (q.key, q.id)"                                                   \
    " ORDER BY t." key " " direction ", t.id " direction " LIMIT q.most) t ON true"

/* One list alone, of the same parameters: half the server's time a row. */
#define LONG_LIST(key, relation, direction)                                        \
    "SELECT t.*, " SEQUENCE " FROM user_sequences s"                               \
    " LEFT JOIN LATERAL (SELECT " ITEM " FROM todos t"                             \
    " WHERE t.user_id = $1::uuid AND (t.deleted_at IS NOT NULL) = $6::boolean"     \
    " AND ($2::boolean IS NULL OR t.completed = $2)"                               \
    " AND (t." key ", t.id) " relation " ($3::timestamptz, $4::uuid)"              \
    " ORDER BY t." key " " direction ", t.id " direction " LIMIT $5::bigint) t ON" \
    " true WHERE s.user_id = $1::uuid"

/* What a patch q makes of a field of the todo t: q.patched has the bits of those that it sets. */
#define PATCHED "CASE WHEN q.patched & %b <> 0 THEN q.%n ELSE t.%n END"
/* Whether it leaves every field as it is. */
#define IDLE "(({patch:" PATCHED "}) IS NOT DISTINCT FROM ({patch:t.%n}))"

/* Raises each user's counter once, to the highest number that g gives a change of theirs. */
#define RAISE                                                                               \
    "r AS (UPDATE user_sequences s SET modseq = x.top FROM (SELECT user_id, max(number) AS" \
    " top FROM g WHERE changes GROUP BY user_id) x WHERE s.user_id = x.user_id)"

/*
 * A change of one todo, of $1 and $2, if it is as `state` says and has the version $3 (0: any). One row, or none for a
 * user that does not exist: the todo if it was changed, the sequence, and whether the todo was there at all.
 */
#define CHANGE(state, raised, change)                                                     \
    "WITH f AS MATERIALIZED (SELECT s.epoch, s.modseq AS seen, t.id,"                     \
    " ($3::bigint = 0 OR t.version = $3) AS fits FROM user_sequences s LEFT JOIN todos t" \
    " ON t.user_id = s.user_id AND t.id = $1::uuid" state " WHERE s.user_id = $2::uuid)," \
    " r AS (UPDATE user_sequences s SET modseq = s.modseq + 1" raised " FROM f"           \
    " WHERE s.user_id = $2 AND f.id IS NOT NULL AND f.fits RETURNING s.modseq),"          \
    " t AS (" change " WHERE t.user_id = $2 AND t.id = $1 RETURNING " ITEM ")"            \
    " SELECT " ITEM ", f.epoch, coalesce(r.modseq, f.seen), f.id IS NOT NULL"             \
    " FROM f LEFT JOIN r ON true LEFT JOIN t ON true"
#define MOVE(deleted_at)                                                                \
    "UPDATE todos t SET version = t.version + 1, modseq = r.modseq,"                    \
    " updated_at = greatest($4::timestamptz, t.updated_at + interval '1 microsecond')," \
    " deleted_at = " deleted_at " FROM r"

/*
 * The first $2 of those that were removed before $1: how many of each user, and the user's sequence behind it. One that is
 * being restored is left alone. One user's are found by the user: an order that no index has keeps the planner from
 * looking through everybody's.
 */
#define PURGE(of_user, order)                                                                      \
    "WITH w AS (DELETE FROM todos t USING (SELECT user_id, id FROM todos WHERE " of_user           \
    "deleted_at IS NOT NULL AND deleted_at < $1::timestamptz ORDER BY " order " LIMIT $2::bigint"  \
    " FOR UPDATE SKIP LOCKED) x WHERE t.user_id = x.user_id AND t.id = x.id RETURNING t.user_id)," \
    " c AS (SELECT user_id, count(*) AS n FROM w GROUP BY user_id),"                               \
    " r AS (UPDATE user_sequences s SET modseq = s.modseq + 1, purged = s.modseq + 1 FROM c"       \
    " WHERE s.user_id = c.user_id RETURNING s.user_id, s.epoch, s.modseq)"                         \
    " SELECT c.n, c.user_id, r.epoch, r.modseq FROM c LEFT JOIN r ON r.user_id = c.user_id"

static const todo__pg_statement templates[TODO__PG_STATEMENTS] = {
    [TODO__PG_PING] = {"todo_ping", "SELECT 1", false},

    /* Other changes of these users wait behind this one, and what comes next sees all that came before. */
    [TODO__PG_LOCK] =
        {"todo_lock",
         "SELECT FROM user_sequences WHERE user_id = ANY ($1::uuid[]) ORDER BY user_id FOR UPDATE", true},

    [TODO__PG_TODO_GET] =
        {"todo_get",
         "SELECT " ITEM ", " SEQUENCE ", q.n"
         " FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS q (id, user_id, n)"
         " LEFT JOIN user_sequences s ON s.user_id = q.user_id"
         " LEFT JOIN todos t ON t.user_id = q.user_id AND t.id = q.id AND t.deleted_at IS NULL",
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

    /* The last parameter: the request of each todo. A row for each request: the user's sequence behind it. */
    [TODO__PG_TODO_INSERT] =
        {"todo_insert",
         "WITH g AS MATERIALIZED (SELECT q.*, s.epoch, s.epoch IS NOT NULL AS changes,"
         " s.modseq + row_number() OVER (PARTITION BY q.user_id ORDER BY q.k) AS number"
         " FROM unnest({insert:%p1::%t[]}, {insert+1}::bigint[]) WITH ORDINALITY AS q ({insert:%n}, n, k)"
         " LEFT JOIN user_sequences s ON s.user_id = q.user_id), " RAISE ","
         " w AS (INSERT INTO todos ({insert:%n}, modseq) SELECT {insert:%n}, number FROM g WHERE changes)"
         " SELECT max(epoch), max(number), n FROM g GROUP BY n",
         true},

    /*
     * $5: the bits of the fields that each patch sets; their values follow. A patch that leaves every field as it is does
     * not count as a change. A row for each request: the todo as it is now, the sequence, whether the version is the one
     * asked for.
     */
    [TODO__PG_TODO_UPDATE] =
        {"todo_update",
         "WITH f AS MATERIALIZED (SELECT q.n, q.user_id, s.epoch, s.modseq AS seen, {kept:t.%n},"
         " {patch:" PATCHED " AS %n}, q.now, t.updated_at AS old_updated_at, t.version AS old_version,"
         " t.modseq AS old_modseq, (q.if_version = 0 OR t.version = q.if_version) AS fits,"
         " (s.epoch IS NOT NULL AND t.id IS NOT NULL AND (q.if_version = 0 OR t.version = q.if_version)"
         " AND NOT " IDLE ") AS changes"
         " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::bigint[],"
         " {patch:%p6::%t[]}) WITH ORDINALITY AS q (id, user_id, if_version, now, patched, {patch:%n}, n)"
         " LEFT JOIN user_sequences s ON s.user_id = q.user_id"
         " LEFT JOIN todos t ON t.user_id = q.user_id AND t.id = q.id AND t.deleted_at IS NULL),"
         " g AS MATERIALIZED (SELECT f.*, seen + sum(changes::int) OVER (PARTITION BY user_id ORDER BY n)"
         " AS number FROM f), " RAISE ","
         " w AS (UPDATE todos t SET {patch:%n = g.%n},"
         " updated_at = greatest(g.now, g.old_updated_at + interval '1 microsecond'),"
         " version = g.old_version + 1, modseq = g.number"
         " FROM g WHERE g.changes AND t.user_id = g.user_id AND t.id = g.id)"
         " SELECT " ITEM ", epoch, number, fits, n FROM (SELECT g.*, CASE WHEN changes"
         " THEN greatest(now, old_updated_at + interval '1 microsecond') ELSE old_updated_at END AS "
         "updated_at,"
         " old_version + changes::int AS version, CASE WHEN changes THEN number ELSE old_modseq END AS modseq"
         " FROM g) t",
         true},

    [TODO__PG_TODO_DELETE] = {"todo_delete",
                              CHANGE("", ", purged = s.modseq + 1", "DELETE FROM todos t USING r"), true},

    [TODO__PG_TODO_TRASH] = {"todo_trash",
                             CHANGE(
                                 " AND t.deleted_at IS NULL", "",
                                 MOVE("greatest($4::timestamptz, t.updated_at + interval '1 microsecond')")),
                             true},

    [TODO__PG_TODO_RESTORE] = {"todo_restore", CHANGE(" AND t.deleted_at IS NOT NULL", "", MOVE("NULL")),
                               true},

    [TODO__PG_TODO_PURGE] = {"todo_purge", PURGE("", "deleted_at"), true},
    [TODO__PG_TODO_PURGE_USER] = {"todo_purge_user",
                                  PURGE("user_id = $3::uuid AND ", "deleted_at + interval '0'"), true},

    [TODO__PG_TODO_GET_TRASHED] =
        {"todo_get_trashed",
         "SELECT " ITEM ", " SEQUENCE " FROM user_sequences s LEFT JOIN todos t"
         " ON t.user_id = s.user_id AND t.id = $1::uuid AND t.deleted_at IS NOT NULL"
         " WHERE s.user_id = $2::uuid",
         false},

    [TODO__PG_TODO_COUNT_TRASH] = {"todo_count_trash",
                                   "SELECT count(*) FROM todos WHERE deleted_at < $1::timestamptz", false},
    [TODO__PG_TODO_COUNT_TRASH_USER] = {"todo_count_trash_user",
                                        "SELECT count(*) FROM todos WHERE user_id = $2::uuid"
                                        " AND deleted_at IS NOT NULL AND deleted_at < $1::timestamptz",
                                        false},

    /* $6: the epoch of the user's sequence. */
    [TODO__PG_USER_INSERT] =
        {"todo_user_insert",
         "WITH u AS (INSERT INTO users (" USER ")"
         " VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::timestamptz) RETURNING id)"
         " INSERT INTO user_sequences (user_id, epoch) SELECT id, $6::bigint FROM u",
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

static const todo__sql_dialect dialect = {'$',
                                          {[TODO_KIND_UUID] = "uuid",
                                           [TODO_KIND_TEXT] = "text",
                                           [TODO_KIND_FLAG] = "boolean",
                                           [TODO_KIND_INTEGER] = "bigint",
                                           [TODO_KIND_TIME] = "timestamptz"}};

todo__pg_statement todo__pg_statements[TODO__PG_STATEMENTS];

static char texts[TODO__PG_TEXTS_SIZE];
static size_t texts_length;

/* A text that does not fit is cut; then the server refuses it, and a test fails. */
static void write_statements(void)
{
    for (int id = 0; id < TODO__PG_STATEMENTS; id++) {
        size_t left = sizeof(texts) - (texts_length < sizeof(texts) ? texts_length : sizeof(texts) - 1);

        todo__pg_statements[id] = templates[id];
        todo__pg_statements[id].sql = texts + sizeof(texts) - left;
        texts_length += todo__sql_expand(&dialect, templates[id].sql, texts + sizeof(texts) - left, left) + 1;
    }
}

size_t todo__pg_write_statements(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, write_statements);
    return texts_length;
}
