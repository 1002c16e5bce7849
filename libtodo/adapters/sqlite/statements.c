#include "adapters/sqlite/statements.h"

#include <stdio.h>
#include <string.h>

#include <todo/port/build.h>

/* What todo__sqlite_item_of_row reads. */
#define TODO_COLUMNS "{all:%n}"
#define USER_COLUMNS "id, email, display_name, password_hash, created_at"

/* In the very words of the indexes, so that these serve. */
#define IN_TRASH "(deleted_at IS NOT NULL)"

/* What every change of a todo does beside its own. ?4 is now, ?5 the number of the change. */
#define CHANGED "updated_at = max(?4, updated_at + 1), version = version + 1, modseq = ?5"
/* What a patch makes of its fields: ?6 has the bits of those that it sets, and their values follow. */
#define PATCHED "CASE WHEN ?6 & %b THEN %p7 ELSE %n END"
/* Whether a patch leaves every field as it is: then nothing changes. */
#define IDLE     "(({patch:" PATCHED "}) IS ({patch:%n}))"

#define ONE_TODO " WHERE id = ?1 AND user_id = ?2 AND (?3 = 0 OR version = ?3)"

static const todo__sql_dialect dialect = {'?',
                                          {[TODO_KIND_UUID] = "BLOB",
                                           [TODO_KIND_TEXT] = "TEXT",
                                           [TODO_KIND_FLAG] = "INTEGER",
                                           [TODO_KIND_INTEGER] = "INTEGER",
                                           [TODO_KIND_TIME] = "INTEGER"}};

static const char *const texts[TODO__SQLITE_TODO_LIST] = {
    [TODO__SQLITE_BEGIN] = "BEGIN IMMEDIATE",
    [TODO__SQLITE_COMMIT] = "COMMIT",
    [TODO__SQLITE_ROLLBACK] = "ROLLBACK",
    [TODO__SQLITE_SAVE] = "SAVEPOINT one",
    [TODO__SQLITE_RELEASE] = "RELEASE one",
    [TODO__SQLITE_UNDO] = "ROLLBACK TO one",
    [TODO__SQLITE_PING] = "SELECT count(*) FROM sqlite_schema",
    [TODO__SQLITE_SEQUENCE] = "SELECT epoch, modseq FROM user_sequences WHERE user_id = ?1",
    [TODO__SQLITE_SEQUENCE_STORE] =
        "UPDATE user_sequences SET modseq = ?2, purged = CASE WHEN ?3 THEN ?2 ELSE"
        " purged END WHERE user_id = ?1",
    [TODO__SQLITE_SEQUENCE_INSERT] = "INSERT INTO user_sequences (user_id, epoch) VALUES (?1, ?2)",
    [TODO__SQLITE_SEQUENCE_DELETE] = "DELETE FROM user_sequences WHERE user_id = ?1",
    [TODO__SQLITE_TODO_INSERT] = "INSERT INTO todos (" TODO_COLUMNS ") VALUES ({all:%p1})",
    [TODO__SQLITE_TODO_UPDATE] =
        "UPDATE todos SET {patch:%n = " PATCHED "}, updated_at = CASE WHEN " IDLE
        " THEN updated_at ELSE max(?4, updated_at + 1) END, version = version + (NOT " IDLE
        "), modseq = CASE WHEN " IDLE " THEN modseq ELSE ?5 END" ONE_TODO
        " AND deleted_at IS NULL RETURNING " TODO_COLUMNS,
    [TODO__SQLITE_TODO_DELETE] = "DELETE FROM todos" ONE_TODO,
    [TODO__SQLITE_TODO_TRASH] = "UPDATE todos SET deleted_at = max(?4, updated_at + 1), " CHANGED ONE_TODO
                                " AND deleted_at IS NULL RETURNING " TODO_COLUMNS,
    [TODO__SQLITE_TODO_RESTORE] = "UPDATE todos SET deleted_at = NULL, " CHANGED ONE_TODO
                                  " AND deleted_at IS NOT NULL RETURNING " TODO_COLUMNS,
    [TODO__SQLITE_TODO_PURGE] = "DELETE FROM todos WHERE key IN (SELECT key FROM todos WHERE deleted_at < ?1"
                                " ORDER BY deleted_at LIMIT ?2) RETURNING user_id",
    [TODO__SQLITE_TODO_PURGE_USER] =
        "DELETE FROM todos WHERE key IN (SELECT key FROM todos WHERE user_id = ?3 AND " IN_TRASH
        " = 1 AND deleted_at < ?1 ORDER BY deleted_at LIMIT ?2) RETURNING user_id",
    [TODO__SQLITE_TODO_COUNT_TRASH] = "SELECT count(*) FROM todos WHERE deleted_at < ?1",
    [TODO__SQLITE_TODO_COUNT_TRASH_USER] =
        "SELECT count(*) FROM todos WHERE user_id = ?2 AND " IN_TRASH " = 1 AND deleted_at < ?1",
    [TODO__SQLITE_TODO_FIND] =
        "SELECT " TODO_COLUMNS " FROM todos WHERE id = ?1 AND user_id = ?2 AND deleted_at IS NULL",
    [TODO__SQLITE_TODO_FIND_TRASHED] =
        "SELECT " TODO_COLUMNS " FROM todos WHERE id = ?1 AND user_id = ?2 AND deleted_at IS NOT NULL",
    /* ?3: whether it was looked for in the trash; NULL: wherever it is. */
    [TODO__SQLITE_TODO_EXISTS] = "SELECT EXISTS (SELECT 1 FROM todos WHERE id = ?1 AND user_id = ?2"
                                 " AND (?3 IS NULL OR " IN_TRASH " = ?3))",
    [TODO__SQLITE_USER_INSERT] = "INSERT INTO users (" USER_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5)",
    [TODO__SQLITE_USER_SET_HASH] =
        "UPDATE users SET password_hash = ?2 WHERE id = ?1 AND (?3 IS NULL OR password_hash = ?3)",
    [TODO__SQLITE_USER_DELETE_TODOS] = "DELETE FROM todos WHERE user_id = ?1 RETURNING id",
    [TODO__SQLITE_USER_DELETE] = "DELETE FROM users WHERE id = ?1",
    [TODO__SQLITE_USER_BY_ID] = "SELECT " USER_COLUMNS " FROM users WHERE id = ?1",
    [TODO__SQLITE_USER_BY_EMAIL] = "SELECT " USER_COLUMNS " FROM users WHERE email = ?1",
    [TODO__SQLITE_USER_LIST] = "SELECT " USER_COLUMNS " FROM users ORDER BY created_at, id",
};

/* What a list's number among the statements says: these bits, and the filter in steps of LIST_KINDS. */
enum { LIST_AFTER = 1, LIST_ASCENDING = 2, LIST_BY_UPDATED_AT = 4, LIST_KINDS = 8 };

todo__sqlite_statement_id todo__sqlite_list_statement(const todo_list_query *query)
{
    unsigned list = query->completed == TODO_ONLY_TRUE    ? TODO_ONLY_TRUE * LIST_KINDS
                    : query->completed == TODO_ONLY_FALSE ? TODO_ONLY_FALSE * LIST_KINDS
                                                          : 0;

    if (query->after != NULL)
        list |= LIST_AFTER;
    if (query->ascending)
        list |= LIST_ASCENDING;
    if (query->sort == TODO_SORT_UPDATED_AT)
        list |= LIST_BY_UPDATED_AT;
    return TODO__SQLITE_TODO_LIST + list;
}

static const char *list_key(unsigned list)
{
    return list & LIST_BY_UPDATED_AT ? "updated_at" : "created_at";
}

/* The todos of one kind, in or out of the trash: the range of an index that has both before the key of the order. */
static void append_range(char text[TODO__SQLITE_TEXT_SIZE], unsigned list, char completed)
{
    size_t length = strlen(text);

    length +=
        (size_t)snprintf(text + length, TODO__SQLITE_TEXT_SIZE - length,
                         "%sSELECT %s FROM todos WHERE user_id = ?1 AND " IN_TRASH " = ?3 AND completed = %c",
                         length > 0 ? " UNION ALL " : "", TODO_COLUMNS, completed);
    /* A row value: the index is entered at the position itself, however deep in the list it lies. */
    if (list & LIST_AFTER)
        snprintf(text + length, TODO__SQLITE_TEXT_SIZE - length, " AND (%s, id) %c (?4, ?5)", list_key(list),
                 list & LIST_ASCENDING ? '>' : '<');
}

static void write_list(char text[TODO__SQLITE_TEXT_SIZE], unsigned list)
{
    const char *direction = list & LIST_ASCENDING ? "ASC" : "DESC";
    size_t length;

    text[0] = '\0';
    if (list / LIST_KINDS != TODO_ONLY_TRUE)
        append_range(text, list, '0');
    if (list / LIST_KINDS != TODO_ONLY_FALSE)
        append_range(text, list, '1');
    length = strlen(text);
    snprintf(text + length, TODO__SQLITE_TEXT_SIZE - length, " ORDER BY %s %s, id %s LIMIT ?2",
             list_key(list), direction, direction);
}

void todo__sqlite_statement_text(todo__sqlite_statement_id id, char text[TODO__SQLITE_TEXT_SIZE])
{
    unsigned list = id - TODO__SQLITE_TODO_LIST;
    char sql[TODO__SQLITE_TEXT_SIZE];

    if (id >= TODO__SQLITE_TODO_LIST)
        write_list(sql, list);
    todo__sql_expand(&dialect, id < TODO__SQLITE_TODO_LIST ? texts[id] : sql, text, TODO__SQLITE_TEXT_SIZE);
}

todo__sqlite_binder todo__sqlite_binder_of(sqlite3_stmt *statement)
{
    return (todo__sqlite_binder){statement, 0, SQLITE_OK};
}

static void bound(todo__sqlite_binder *binder, int rc)
{
    if (binder->rc == SQLITE_OK)
        binder->rc = rc;
}

void todo__sqlite_bind_uuid(todo__sqlite_binder *binder, const todo_uuid *uuid)
{
    bound(binder, sqlite3_bind_blob(binder->statement, ++binder->index, uuid->bytes, sizeof(uuid->bytes),
                                    SQLITE_STATIC));
}

void todo__sqlite_bind_text(todo__sqlite_binder *binder, const char *text)
{
    if (text == NULL)
        todo__sqlite_bind_null(binder);
    else
        bound(binder, sqlite3_bind_text64(binder->statement, ++binder->index, text, strlen(text),
                                          SQLITE_STATIC, SQLITE_UTF8));
}

void todo__sqlite_bind_integer(todo__sqlite_binder *binder, int64_t value)
{
    bound(binder, sqlite3_bind_int64(binder->statement, ++binder->index, value));
}

void todo__sqlite_bind_null(todo__sqlite_binder *binder)
{
    bound(binder, sqlite3_bind_null(binder->statement, ++binder->index));
}

/* Numbers and times are bound alike. */
static void bind_field(todo__sqlite_binder *binder, const todo_field *field, const todo_item *item)
{
    int64_t number;

    switch (field->kind) {
    case TODO_KIND_UUID:
        todo__sqlite_bind_uuid(binder, &TODO__MEMBER_CONST(todo_uuid, item, field->item));
        return;
    case TODO_KIND_TEXT:
        todo__sqlite_bind_text(binder, todo__text_of(field, item));
        return;
    case TODO_KIND_FLAG:
        todo__sqlite_bind_integer(binder, TODO__MEMBER_CONST(bool, item, field->item));
        return;
    case TODO_KIND_INTEGER:
    case TODO_KIND_TIME:
        number = TODO__MEMBER_CONST(int64_t, item, field->item);
        if (number == 0 && (field->uses & TODO_USE_NULLABLE) != 0)
            todo__sqlite_bind_null(binder);
        else
            todo__sqlite_bind_integer(binder, number);
        return;
    }
}

void todo__sqlite_bind_fields(todo__sqlite_binder *binder, todo__sql_class selected, const todo_item *item)
{
    for (TODO__EACH_FIELD(row))
        if (todo__sql_selects(selected, &row->field))
            bind_field(binder, &row->field, item);
}

int todo__sqlite_start(const todo__sqlite_binder *binder)
{
    return binder->rc != SQLITE_OK ? binder->rc : sqlite3_step(binder->statement);
}

static bool read_uuid(sqlite3_stmt *statement, int column, todo_uuid *ret_uuid)
{
    const void *bytes = sqlite3_column_blob(statement, column);

    if (bytes == NULL || sqlite3_column_bytes(statement, column) != sizeof(ret_uuid->bytes))
        return false;
    memcpy(ret_uuid->bytes, bytes, sizeof(ret_uuid->bytes));
    return true;
}

todo_uuid todo__sqlite_uuid_of_row(sqlite3_stmt *statement)
{
    todo_uuid uuid = {{0}};

    (void)read_uuid(statement, 0, &uuid);
    return uuid;
}

/* False: a text is there but can't be had. */
static bool read_text(sqlite3_stmt *statement, int column, const char **ret_text)
{
    *ret_text = NULL;
    if (sqlite3_column_type(statement, column) != SQLITE_NULL)
        *ret_text = (const char *)sqlite3_column_text(statement, column);
    return *ret_text != NULL || sqlite3_column_type(statement, column) == SQLITE_NULL;
}

/* The schema rules out all other ways in which a column can't be read. */
static todo_status unreadable(sqlite3_stmt *statement, todo_error *error)
{
    if (sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    todo_error_set(error, TODO_ERR_INTERNAL, "database_error", NULL, NULL);
    todo_error_set_detail(error, "a row of the SQLite database breaks the schema");
    return TODO_ERR_INTERNAL;
}

/* False: it can't be read. A number or time of NULL is 0. */
static bool read_field(sqlite3_stmt *statement, int column, const todo_field *field, todo_item *item)
{
    const char **text;

    switch (field->kind) {
    case TODO_KIND_UUID:
        return read_uuid(statement, column, &TODO__MEMBER(todo_uuid, item, field->item));
    case TODO_KIND_TEXT:
        text = &TODO__MEMBER(const char *, item, field->item);
        return read_text(statement, column, text) &&
               (*text != NULL || (field->uses & TODO_USE_NULLABLE) != 0);
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, item, field->item) = sqlite3_column_int(statement, column) != 0;
        return true;
    case TODO_KIND_INTEGER:
    case TODO_KIND_TIME:
        TODO__MEMBER(int64_t, item, field->item) = sqlite3_column_int64(statement, column);
        return true;
    }
    return false;
}

todo_status todo__sqlite_item_of_row(sqlite3_stmt *statement, todo_item *ret_item, todo_error *error)
{
    todo_item item = {.reserved = NULL};
    int column = 0;

    for (TODO__EACH_FIELD(row))
        if (!read_field(statement, column++, &row->field, &item))
            return unreadable(statement, error);
    *ret_item = item;
    return TODO_OK;
}

todo_status todo__sqlite_user_of_row(sqlite3_stmt *statement, const todo_user **ret_user, todo_error *error)
{
    todo_user_fields fields;

    todo_user_fields_init(&fields, sizeof(fields));
    if (!read_uuid(statement, 0, &fields.id) || !read_text(statement, 1, &fields.email) ||
        !read_text(statement, 2, &fields.display_name) || !read_text(statement, 3, &fields.password_hash))
        return unreadable(statement, error);
    fields.created_at = sqlite3_column_int64(statement, 4);
    return todo_user_build(&fields, ret_user, error);
}
