#include "fixture.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

void take_ports(test_fixture *fixture, const todo_conformance_ports *ports)
{
    fixture->ports = *ports;
    fixture->reader = ports->reader;
    fixture->writer = ports->writer;
    fixture->users = ports->users;
    fixture->cache = ports->cache;
    fixture->open = true;
}

todo_status open_ports(const todo_conformance_adapter *adapter, test_fixture *ret_fixture, todo_error *error)
{
    todo_conformance_ports ports = {.size = sizeof(ports)};
    todo_status status = adapter->open(adapter->arg, &ports, error);

    if (status != TODO_OK)
        return status;
    memset(ret_fixture, 0, sizeof(*ret_fixture));
    todo_error_init(&ret_fixture->error, sizeof(ret_fixture->error));
    ret_fixture->adapter = adapter;
    take_ports(ret_fixture, &ports);
    return TODO_OK;
}

void close_ports(test_fixture *fixture)
{
    if (fixture->open && fixture->adapter->close != NULL)
        fixture->adapter->close(fixture->adapter->arg, &fixture->ports);
    fixture->open = false;
}

void begin_case(test_fixture *fixture)
{
    todo_error_init(&fixture->error, sizeof(fixture->error));
    fixture->alice = fixture->users != NULL ? add_user(fixture, 1, NULL) : new_id(fixture);
    fixture->bob = fixture->users != NULL ? add_user(fixture, 2, NULL) : new_id(fixture);
}

void fail_case(test_fixture *fixture, const char *file, int line, const char *format, ...)
{
    const char *name = strrchr(file, '/');
    va_list arguments;
    int length =
        snprintf(fixture->detail, sizeof(fixture->detail), "%s:%d: ", name != NULL ? name + 1 : file, line);

    va_start(arguments, format);
    vsnprintf(fixture->detail + length, sizeof(fixture->detail) - (size_t)length, format, arguments);
    va_end(arguments);
    longjmp(fixture->end, 1);
}

void check_equal(test_fixture *fixture, const char *file, int line, const char *what, long long got,
                 long long wanted)
{
    if (got != wanted)
        fail_case(fixture, file, line, "%s is %lld, not %lld", what, got, wanted);
}

void check_text(test_fixture *fixture, const char *file, int line, const char *what, const char *got,
                const char *wanted)
{
    if (got == NULL || strcmp(got, wanted) != 0)
        fail_case(fixture, file, line, "%s is \"%.200s\", not \"%.200s\"", what, got != NULL ? got : "(null)",
                  wanted);
}

void check_status(test_fixture *fixture, const char *file, int line, const char *what, todo_status got,
                  todo_status wanted)
{
    const todo_error *error = &fixture->error;

    if (got != wanted)
        fail_case(fixture, file, line, "%s\nis %s, not %s: %s (%s) %s", what, todo_status_name(got),
                  todo_status_name(wanted), error->message, error->code, error->detail);
    if (got != TODO_OK && (error->status != got || error->code[0] == '\0' || error->message[0] == '\0'))
        fail_case(fixture, file, line, "%s\nis %s, but its error says %s, code \"%s\", message \"%s\"", what,
                  todo_status_name(got), todo_status_name(error->status), error->code, error->message);
}

todo_uuid new_id(test_fixture *fixture)
{
    todo_uuid id;

    if (todo_uuid_generate(&id, &fixture->error) != TODO_OK)
        fail_case(fixture, __FILE__, __LINE__, "no id: %s", fixture->error.message);
    return id;
}

todo_item make_item(test_fixture *fixture, const todo_uuid *user, const char *title, todo_time time)
{
    todo_item item = {.user_id = *user,
                      .title = title,
                      .description = NULL,
                      .created_at = time,
                      .updated_at = time,
                      .version = 1};

    item.id = new_id(fixture);
    return item;
}

todo_status insert_item(test_fixture *fixture, const todo_item *item)
{
    return todo_writer_insert(fixture->writer, NULL, &item, 1, &fixture->error);
}

todo_item add_item(test_fixture *fixture, const char *title, todo_time time)
{
    todo_item item = make_item(fixture, &fixture->alice, title, time);

    expect(fixture, TODO_OK, insert_item(fixture, &item));
    return item;
}

todo_uuid add_user(test_fixture *fixture, todo_time created_at, char *ret_email)
{
    todo_user_fields fields;
    const todo_user *user = NULL;
    char id[TODO_UUID_TEXT_SIZE], email[EMAIL_SIZE];

    todo_user_fields_init(&fields, sizeof(fields));
    fields.id = new_id(fixture);
    todo_uuid_format(&fields.id, id);
    snprintf(email, sizeof(email), "%s@example.org", id);
    fields.email = email;
    fields.password_hash = "$y$j9T$not.a.hash";
    fields.created_at = created_at;
    expect_equal(fixture, todo_user_build(&fields, &user, NULL), TODO_OK);
    expect(fixture, TODO_OK, todo_users_insert(fixture->users, NULL, user, &fixture->error));
    todo_user_unref(user);
    if (ret_email != NULL)
        strcpy(ret_email, email);
    return fields.id;
}

/* The field is the same in both, as text. */
static void expect_field(test_fixture *fixture, const todo_field *field, const todo_item *item,
                         const todo_item *wanted)
{
    char got_room[TODO_FIELD_TEXT_SIZE], wanted_room[TODO_FIELD_TEXT_SIZE];
    const char *got_text = todo_field_format(field, item, got_room);
    const char *wanted_text = todo_field_format(field, wanted, wanted_room);

    if (wanted_text == NULL)
        expect_that(fixture, got_text == NULL);
    else
        expect_text(fixture, got_text, wanted_text);
}

void expect_item(test_fixture *fixture, const todo_item *item, const todo_item *wanted)
{
    const todo_field *field;

    expect_that(fixture, item != NULL);
    for (size_t i = 0; (field = todo_item_field_at(i)) != NULL; i++)
        if (strcmp(field->name, "modseq") != 0)
            expect_field(fixture, field, item, wanted);
    if (wanted->modseq != 0)
        expect_that(fixture, item->modseq >= wanted->modseq);
}

void expect_item_stored(test_fixture *fixture, const todo_item *wanted)
{
    const todo_item *item = NULL;

    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, NULL, &wanted->user_id, &wanted->id, &item, &fixture->error));
    expect_item(fixture, item, wanted);
    todo_item_unref(item);
}

void expect_item_missing(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id)
{
    const todo_item *untouched = (const todo_item *)fixture, *item = untouched;

    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_reader_get(fixture->reader, NULL, user, id, &item, &fixture->error));
    expect_that(fixture, item == untouched);
}

void expect_user_unknown(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id)
{
    const todo_item *untouched = (const todo_item *)fixture, *item = untouched;

    expect(fixture, TODO_ERR_UNAUTHENTICATED,
           todo_reader_get(fixture->reader, NULL, user, id, &item, &fixture->error));
    expect_text(fixture, fixture->error.code, "user_unknown");
    expect_that(fixture, item == untouched);
}

static todo_status keep(void *arg, const todo_item *item)
{
    item_page *page = arg;

    if (page->count == COUNT_OF(page->items))
        return TODO_ERR_TOO_LARGE;
    page->items[page->count] = todo_item_ref(item);
    return page->items[page->count++] != NULL ? TODO_OK : TODO_ERR_NOMEM;
}

void list_items(test_fixture *fixture, const todo_uuid *user, const todo_list_query *query,
                item_page *ret_page)
{
    ret_page->count = 0;
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, NULL, user, query, keep, ret_page, &fixture->error));
}

void page_release(item_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        todo_item_unref(page->items[i]);
    page->count = 0;
}

size_t count_items(test_fixture *fixture, const todo_uuid *user)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;
    size_t count;

    query.limit = COUNT_OF(page.items);
    list_items(fixture, user, &query, &page);
    count = page.count;
    page_release(&page);
    return count;
}

todo_call late_call(void)
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

void in_threads(test_fixture *fixture, void (*body)(void *arg, size_t index), void *arg)
{
    pthread_t threads[THREADS];
    thread_start starts[THREADS];
    pthread_barrier_t barrier;

    expect_equal(fixture, pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        starts[i] = (thread_start){body, arg, i, &barrier};
        expect_equal(fixture, pthread_create(&threads[i], NULL, run_thread, &starts[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
}
