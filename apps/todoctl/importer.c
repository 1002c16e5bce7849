#include "importer.h"

#include <stdlib.h>
#include <string.h>

#include <todo/port/reader.h>
#include <todo/port/writer.h>

#include "access.h"
#include "report.h"

/* The place of an item in the order that the store lists them in. */
static int compare(const todo_item *a, const todo_item *b)
{
    if (a->created_at != b->created_at)
        return a->created_at < b->created_at ? -1 : 1;
    return todo_uuid_compare(&a->id, &b->id);
}

static int compare_pointers(const void *a, const void *b)
{
    return compare(*(const todo_item *const *)a, *(const todo_item *const *)b);
}

/* A page of the store's items laid beside a sorted batch. */
typedef struct ctl_match {
    ctl_importer *importer;
    bool *known;
    size_t at;      /* the first item of the batch that the page may still have */
    size_t visited; /* items of the page */
} ctl_match;

static todo_status match_item(void *arg, const todo_item *item)
{
    ctl_match *match = arg;
    const ctl_importer *importer = match->importer;
    match->visited++;
    while (match->at < importer->count && compare(importer->items[match->at], item) < 0)
        match->at++;
    if (match->at < importer->count && compare(importer->items[match->at], item) == 0)
        match->known[match->at] = true;
    return TODO_OK;
}

/*
 * Marks the items of the sorted batch that the store lists. In a batch that an interrupted import has written, one page
 * of the store's list holds them all; `match->at` tells how far that page reached.
 */
static todo_status match_page(ctl_importer *importer, ctl_match *match, todo_error *error)
{
    todo_call call = access_call(importer->context);
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_cursor before = {.key = importer->items[0]->created_at - 1};
    memset(before.id.bytes, 0xff, sizeof(before.id.bytes));
    query.ascending = true;
    query.limit = TODO_LIST_MAX;
    query.after = &before;
    todo_status status = todo_reader_list(todo_store_reader(importer->context->store), &call,
                                          &importer->items[0]->user_id, &query, match_item, match, error);
    if (status == TODO_OK && match->visited < query.limit)
        match->at = importer->count; /* the list has ended: it holds no more of them */
    return status;
}

/* What is in the trash is known too. */
static todo_status is_known(ctl_importer *importer, const todo_item *item, bool *ret_known, todo_error *error)
{
    todo_reader *reader = todo_store_reader(importer->context->store);
    todo_call call = access_call(importer->context);
    const todo_item *found = NULL;
    todo_status status = todo_reader_get(reader, &call, &item->user_id, &item->id, &found, error);
    if (status == TODO_ERR_NOT_FOUND) {
        status = todo_reader_get_trashed(reader, &call, &item->user_id, &item->id, &found, error);
        importer->in_trash += status == TODO_OK && item->deleted_at == 0;
    }
    *ret_known = status == TODO_OK;
    todo_item_unref(found);
    return status == TODO_ERR_NOT_FOUND ? TODO_OK : status;
}

/* Marks which items of the batch the store has; `thorough`: asks for each that the list does not show. */
static todo_status find_known(ctl_importer *importer, bool *known, bool thorough, todo_error *error)
{
    ctl_match match = {importer, known, 0, 0};
    qsort(importer->items, importer->count, sizeof(importer->items[0]), compare_pointers);
    memset(known, 0, importer->count * sizeof(known[0]));
    importer->in_trash = 0;
    todo_status status = match_page(importer, &match, error);
    for (size_t i = thorough ? 0 : match.at; status == TODO_OK && i < importer->count; i++)
        if (!known[i])
            status = is_known(importer, importer->items[i], &known[i], error);
    return status;
}

static todo_status insert(ctl_importer *importer, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    todo_call call = access_call(importer->context);
    if (count == 0 || importer->dry_run)
        return TODO_OK;
    return todo_writer_insert(todo_store_writer(importer->context->store), &call, items, count, error);
}

/* Inserts what is not known. */
static todo_status insert_rest(ctl_importer *importer, const bool *known, todo_error *error)
{
    const todo_item *rest[IMPORT_BATCH];
    size_t count = 0;
    for (size_t i = 0; i < importer->count; i++)
        if (!known[i])
            rest[count++] = importer->items[i];
    todo_status status = insert(importer, rest, count, error);
    if (status == TODO_OK) {
        importer->added += count;
        importer->known += importer->count - count;
        importer->trashed += importer->in_trash;
        importer->expect_known = count < importer->count;
    }
    return status;
}

/* Says that there is no such user; nothing else is in the way of the todos of this batch. */
static int no_owner(const todo_uuid *user)
{
    char id[TODO_UUID_TEXT_SIZE];
    todo_uuid_format(user, id);
    return fail(EXIT_NOT_FOUND, "--user with one that is in todoctl user list", "there is no user %s", id);
}

/* The last resort: an id twice in the file, or one that another user has, or somebody who imports the same meanwhile. */
static int insert_one_by_one(ctl_importer *importer)
{
    importer->in_trash = 0;
    for (size_t i = 0; i < importer->count; i++) {
        todo_error error = TODO_ERROR_INIT;
        const todo_item *item = importer->items[i];
        bool known = false;
        todo_status status = is_known(importer, item, &known, &error);
        if (status == TODO_OK && !known)
            status = insert(importer, &item, 1, &error);
        if (status == TODO_ERR_UNAUTHENTICATED)
            return no_owner(&item->user_id);
        if (status != TODO_OK) {
            char id[TODO_UUID_TEXT_SIZE];
            todo_uuid_format(&item->id, id);
            return fail_error(&error, status == TODO_ERR_CONFLICT ? "--user with the one whose it is" : NULL,
                              "cannot import %s", id);
        }
        importer->known += known;
        importer->added += !known;
    }
    importer->trashed += importer->in_trash;
    return 0;
}

/* Whether the batch's user exists, which an insert would tell. */
static int check_owner(ctl_importer *importer)
{
    todo_error error = TODO_ERROR_INIT;
    const todo_user *user = NULL;
    todo_call call = access_call(importer->context);
    const todo_uuid *id = &importer->items[0]->user_id;
    todo_status status =
        todo_queries_user(todo_store_queries(importer->context->store), &call, id, &user, &error);
    todo_user_unref(user);
    if (status == TODO_ERR_NOT_FOUND)
        return no_owner(id);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot look up the user");
}

static int write_batch(ctl_importer *importer)
{
    todo_error error = TODO_ERROR_INIT;
    bool known[IMPORT_BATCH] = {false};
    todo_status status = TODO_OK;
    importer->in_trash = 0;
    if (importer->dry_run) {
        int code = check_owner(importer);
        if (code != 0)
            return code;
    }
    if (importer->expect_known || importer->dry_run)
        status = find_known(importer, known, importer->dry_run, &error);
    if (status == TODO_OK)
        status = insert_rest(importer, known, &error);
    if (status == TODO_ERR_CONFLICT && !importer->expect_known) {
        status = find_known(importer, known, false, &error);
        if (status == TODO_OK)
            status = insert_rest(importer, known, &error);
    }
    if (status == TODO_ERR_CONFLICT)
        return insert_one_by_one(importer);
    if (status == TODO_ERR_UNAUTHENTICATED)
        return no_owner(&importer->items[0]->user_id);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot import");
}

void importer_clear(ctl_importer *importer)
{
    for (size_t i = 0; i < importer->count; i++)
        todo_item_unref(importer->items[i]);
    importer->count = 0;
}

int importer_flush(ctl_importer *importer)
{
    int code = importer->count > 0 && !importer->failed ? write_batch(importer) : 0;
    importer->failed = importer->failed || code != 0;
    importer_clear(importer);
    return code;
}

int importer_add(ctl_importer *importer, const todo_item *item)
{
    int code = 0;
    if (importer->count == IMPORT_BATCH ||
        (importer->count > 0 && todo_uuid_compare(&importer->items[0]->user_id, &item->user_id) != 0))
        code = importer_flush(importer);
    importer->items[importer->count++] = item;
    return code;
}
