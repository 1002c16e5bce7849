#include "contract.h"

#include <pthread.h>
#include <stdio.h>

int contract_begin(void **state)
{
    contract_fixture *fixture = *state;

    todo_error_init(&fixture->error, sizeof(fixture->error));
    fixture->alice = contract_add_user(fixture, 1, NULL);
    fixture->bob = contract_add_user(fixture, 2, NULL);
    return 0;
}

void contract_expect(const todo_error *error, todo_status got, todo_status wanted, const char *what,
                     const char *file, int line)
{
    if (got != wanted) {
        print_error("%s\n is %s, not %s: %s (%s) %s\n", what, todo_status_name(got), todo_status_name(wanted),
                    error->message, error->code, error->detail);
        _fail(file, line);
    }
    if (got != TODO_OK && (error->status != got || error->code[0] == '\0' || error->message[0] == '\0')) {
        print_error("%s\n is %s, but its error says %s, code \"%s\", message \"%s\"\n", what,
                    todo_status_name(got), todo_status_name(error->status), error->code, error->message);
        _fail(file, line);
    }
}

todo_item contract_item(const todo_uuid *user, const char *title, todo_time time)
{
    todo_item item = {.user_id = *user,
                      .title = title,
                      .description = NULL,
                      .created_at = time,
                      .updated_at = time,
                      .version = 1};

    assert_int_equal(todo_uuid_generate(&item.id, NULL), TODO_OK);
    return item;
}

todo_status contract_insert(contract_fixture *fixture, const todo_item *item)
{
    return todo_writer_insert(fixture->writer, NULL, &item, 1, &fixture->error);
}

todo_item contract_add(contract_fixture *fixture, const char *title, todo_time time)
{
    todo_item item = contract_item(&fixture->alice, title, time);

    expect(fixture, TODO_OK, contract_insert(fixture, &item));
    return item;
}

todo_uuid contract_add_user(contract_fixture *fixture, todo_time created_at, char *ret_email)
{
    todo_user_fields fields;
    const todo_user *user = NULL;
    char id[TODO_UUID_TEXT_SIZE], email[CONTRACT_EMAIL_SIZE];

    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    todo_uuid_format(&fields.id, id);
    snprintf(email, sizeof(email), "%s@example.org", id);
    fields.email = email;
    fields.password_hash = "$y$j9T$not.a.hash";
    fields.created_at = created_at;
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    expect(fixture, TODO_OK, todo_users_insert(fixture->users, NULL, user, &fixture->error));
    todo_user_unref(user);
    if (ret_email != NULL)
        strcpy(ret_email, email);
    return fields.id;
}

void contract_expect_item(const todo_item *item, const todo_item *wanted)
{
    assert_non_null(item);
    assert_memory_equal(&item->id, &wanted->id, sizeof(item->id));
    assert_memory_equal(&item->user_id, &wanted->user_id, sizeof(item->user_id));
    assert_string_equal(item->title, wanted->title);
    if (wanted->description == NULL)
        assert_null(item->description);
    else
        assert_string_equal(item->description, wanted->description);
    assert_int_equal(item->completed, wanted->completed);
    assert_int_equal(item->created_at, wanted->created_at);
    assert_int_equal(item->updated_at, wanted->updated_at);
    assert_int_equal(item->version, wanted->version);
}

void contract_expect_stored(contract_fixture *fixture, const todo_item *wanted)
{
    const todo_item *item = NULL;

    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, NULL, &wanted->user_id, &wanted->id, &item, &fixture->error));
    contract_expect_item(item, wanted);
    todo_item_unref(item);
}

void contract_expect_missing(contract_fixture *fixture, const todo_uuid *user, const todo_uuid *id)
{
    const todo_item *untouched = (const todo_item *)fixture, *item = untouched;

    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_reader_get(fixture->reader, NULL, user, id, &item, &fixture->error));
    assert_ptr_equal(item, untouched);
}

static todo_status keep(void *arg, const todo_item *item)
{
    contract_page *page = arg;

    if (page->count == COUNT_OF(page->items))
        return TODO_ERR_TOO_LARGE;
    page->items[page->count] = todo_item_ref(item);
    return page->items[page->count++] != NULL ? TODO_OK : TODO_ERR_NOMEM;
}

void contract_list(contract_fixture *fixture, const todo_uuid *user, const todo_list_query *query,
                   contract_page *ret_page)
{
    ret_page->count = 0;
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, NULL, user, query, keep, ret_page, &fixture->error));
}

void contract_page_release(contract_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        todo_item_unref(page->items[i]);
    page->count = 0;
}

size_t contract_count(contract_fixture *fixture, const todo_uuid *user)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    contract_page page;
    size_t count;

    query.limit = COUNT_OF(page.items);
    contract_list(fixture, user, &query, &page);
    count = page.count;
    contract_page_release(&page);
    return count;
}

todo_call contract_late_call(void)
{
    todo_call call = TODO_CALL_INIT;

    call.deadline = 1; /* the microsecond after the machine was started */
    return call;
}

typedef struct thread_start {
    void (*body)(void *arg, size_t index);
    void *arg;
    size_t index;
    pthread_barrier_t *barrier;
} thread_start;

static void *run_thread(void *arg)
{
    thread_start *start = arg;

    pthread_barrier_wait(start->barrier);
    start->body(start->arg, start->index);
    return NULL;
}

void contract_in_threads(void (*body)(void *arg, size_t index), void *arg)
{
    pthread_t threads[CONTRACT_THREADS];
    thread_start starts[CONTRACT_THREADS];
    pthread_barrier_t barrier;

    assert_int_equal(pthread_barrier_init(&barrier, NULL, CONTRACT_THREADS), 0);
    for (size_t i = 0; i < CONTRACT_THREADS; i++) {
        starts[i] = (thread_start){body, arg, i, &barrier};
        assert_int_equal(pthread_create(&threads[i], NULL, run_thread, &starts[i]), 0);
    }
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
}
