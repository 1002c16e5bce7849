/*
 * The conformance kit on adapters with one fault each: the in-memory one of examples/ with a function replaced. A kit that
 * passes a broken adapter proves nothing.
 */
#include "testing.h"

#include <todo/conformance.h>

#include "memory.h"

/* The sound ports behind the faulty ones. One at a time is open. */
static struct {
    todo_reader *reader;
    todo_writer *writer;
    todo_users *users;
} sound;

/* An adapter's functions; those it leaves out are the sound ones. */
typedef struct fault {
    todo_reader_ops reader;
    todo_writer_ops writer;
} fault;

/* ---- what is passed on ---- */

static todo_status pass_get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                            const todo_item **ret_item, todo_error *error)
{
    (void)self;
    return todo_reader_get(sound.reader, call, user, id, ret_item, error);
}

static todo_status pass_list(void *self, const todo_call *call, const todo_uuid *user,
                             const todo_list_query *query, todo_item_visit visit, void *arg,
                             todo_error *error)
{
    (void)self;
    return todo_reader_list(sound.reader, call, user, query, visit, arg, error);
}

static todo_status pass_insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                               todo_error *error)
{
    (void)self;
    return todo_writer_insert(sound.writer, call, items, count, error);
}

static todo_status pass_update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                               todo_error *error)
{
    (void)self;
    return todo_writer_update(sound.writer, call, user, id, patch, now, ret_item, error);
}

static todo_status pass_remove(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    (void)self;
    return todo_writer_remove(sound.writer, call, user, id, if_version, error);
}

static todo_status pass_count_trash(void *self, const todo_call *call, const todo_uuid *user,
                                    todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    (void)self;
    return todo_reader_count_trash(sound.reader, call, user, deleted_before, ret_count, error);
}

static todo_status pass_get_trashed(void *self, const todo_call *call, const todo_uuid *user,
                                    const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    (void)self;
    return todo_reader_get_trashed(sound.reader, call, user, id, ret_item, error);
}

static todo_status pass_trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                              int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    (void)self;
    return todo_writer_trash(sound.writer, call, user, id, if_version, now, ret_version, error);
}

static todo_status pass_restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                                int64_t if_version, todo_time now, const todo_item **ret_item,
                                todo_error *error)
{
    (void)self;
    return todo_writer_restore(sound.writer, call, user, id, if_version, now, ret_item, error);
}

static todo_status pass_purge(void *self, const todo_call *call, const todo_uuid *user,
                              todo_time deleted_before, uint32_t limit, todo_sequence_visit visit, void *arg,
                              uint32_t *ret_purged, todo_error *error)
{
    (void)self;
    return todo_writer_purge(sound.writer, call, user, deleted_before, limit, visit, arg, ret_purged, error);
}

/* ---- the faults ---- */

/* Answers, but forgets why it failed. */
static todo_status get_without_error(void *self, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    (void)self;
    (void)error;
    return todo_reader_get(sound.reader, call, user, id, ret_item, NULL);
}

static todo_status get_and_clear(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    *ret_item = NULL;
    return pass_get(self, call, user, id, ret_item, error);
}

static todo_status get_without_deadline(void *self, const todo_call *call, const todo_uuid *user,
                                        const todo_uuid *id, const todo_item **ret_item, todo_error *error)
{
    (void)call;
    return pass_get(self, NULL, user, id, ret_item, error);
}

static todo_status list_without_filter(void *self, const todo_call *call, const todo_uuid *user,
                                       const todo_list_query *query, todo_item_visit visit, void *arg,
                                       todo_error *error)
{
    todo_list_query all = *query;

    all.completed = TODO_ANY;
    return pass_list(self, call, user, &all, visit, arg, error);
}

static todo_status list_one_less(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_list_query *query, todo_item_visit visit, void *arg,
                                 todo_error *error)
{
    todo_list_query less = *query;

    less.limit -= less.limit > 1000;
    less.limit -= less.limit == TODO_LIST_DEFAULT;
    return pass_list(self, call, user, &less, visit, arg, error);
}

static todo_status insert_one_by_one(void *self, const todo_call *call, const todo_item *const *items,
                                     size_t count, todo_error *error)
{
    todo_status status = TODO_OK;

    for (size_t i = 0; i < count && status == TODO_OK; i++)
        status = pass_insert(self, call, &items[i], 1, error);
    return status;
}

static todo_status insert_anew(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                               todo_error *error)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        todo_item item = *items[i];
        const todo_item *pointer = &item;
        todo_status status;

        item.version = 1;
        status = todo_writer_insert(sound.writer, call, &pointer, 1, error);
        if (status != TODO_OK)
            return status;
    }
    return TODO_OK;
}

static todo_status update_any_version(void *self, const todo_call *call, const todo_uuid *user,
                                      const todo_uuid *id, const todo_item_patch *patch, todo_time now,
                                      const todo_item **ret_item, todo_error *error)
{
    todo_item_patch any = *patch;

    any.if_version = 0;
    return pass_update(self, call, user, id, &any, now, ret_item, error);
}

static todo_status remove_any_version(void *self, const todo_call *call, const todo_uuid *user,
                                      const todo_uuid *id, int64_t if_version, todo_error *error)
{
    (void)if_version;
    return pass_remove(self, call, user, id, 0, error);
}

static todo_status remove_idempotently(void *self, const todo_call *call, const todo_uuid *user,
                                       const todo_uuid *id, int64_t if_version, todo_error *error)
{
    todo_status status = pass_remove(self, call, user, id, if_version, error);

    return status == TODO_ERR_NOT_FOUND ? TODO_OK : status;
}

/* Removes for good. */
static todo_status trash_by_removing(void *self, const todo_call *call, const todo_uuid *user,
                                     const todo_uuid *id, int64_t if_version, todo_time now,
                                     int64_t *ret_version, todo_error *error)
{
    todo_status status = pass_remove(self, call, user, id, if_version, error);

    (void)now;
    if (status == TODO_OK)
        *ret_version = 2;
    return status;
}

/* Tells the version that the todo had before. */
static todo_status trash_with_the_old_version(void *self, const todo_call *call, const todo_uuid *user,
                                              const todo_uuid *id, int64_t if_version, todo_time now,
                                              int64_t *ret_version, todo_error *error)
{
    todo_status status = pass_trash(self, call, user, id, if_version, now, ret_version, error);

    if (status == TODO_OK)
        --*ret_version;
    return status;
}

static todo_status restore_any_version(void *self, const todo_call *call, const todo_uuid *user,
                                       const todo_uuid *id, int64_t if_version, todo_time now,
                                       const todo_item **ret_item, todo_error *error)
{
    (void)if_version;
    return pass_restore(self, call, user, id, 0, now, ret_item, error);
}

static todo_status purge_without_limit(void *self, const todo_call *call, const todo_uuid *user,
                                       todo_time deleted_before, uint32_t limit, todo_sequence_visit visit,
                                       void *arg, uint32_t *ret_purged, todo_error *error)
{
    (void)limit;
    return pass_purge(self, call, user, deleted_before, UINT32_MAX, visit, arg, ret_purged, error);
}

static todo_status purge_everybodys(void *self, const todo_call *call, const todo_uuid *user,
                                    todo_time deleted_before, uint32_t limit, todo_sequence_visit visit,
                                    void *arg, uint32_t *ret_purged, todo_error *error)
{
    (void)user;
    return pass_purge(self, call, NULL, deleted_before, limit, visit, arg, ret_purged, error);
}

static todo_status list_without_trash(void *self, const todo_call *call, const todo_uuid *user,
                                      const todo_list_query *query, todo_item_visit visit, void *arg,
                                      todo_error *error)
{
    todo_list_query live = *query;

    live.deleted = false;
    return pass_list(self, call, user, &live, visit, arg, error);
}

/* ---- running the kit on one ---- */

static todo_status open_faulty(void *arg, todo_conformance_ports *ret_ports, todo_error *error)
{
    const fault *faulty = arg;
    todo_reader_ops reader = {.size = sizeof(reader),
                              .get = pass_get,
                              .list = pass_list,
                              .count_trash = pass_count_trash,
                              .get_trashed = pass_get_trashed};
    todo_writer_ops writer = {.size = sizeof(writer),
                              .insert = pass_insert,
                              .update = pass_update,
                              .remove = pass_remove,
                              .trash = pass_trash,
                              .restore = pass_restore,
                              .purge = pass_purge};
    todo_status status = memory_new(&sound.reader, &sound.writer, &sound.users, error);

    if (faulty->reader.get != NULL)
        reader.get = faulty->reader.get;
    if (faulty->reader.list != NULL)
        reader.list = faulty->reader.list;
    if (faulty->writer.insert != NULL)
        writer.insert = faulty->writer.insert;
    if (faulty->writer.update != NULL)
        writer.update = faulty->writer.update;
    if (faulty->writer.remove != NULL)
        writer.remove = faulty->writer.remove;
    if (faulty->writer.trash != NULL)
        writer.trash = faulty->writer.trash;
    if (faulty->writer.restore != NULL)
        writer.restore = faulty->writer.restore;
    if (faulty->writer.purge != NULL)
        writer.purge = faulty->writer.purge;
    if (status == TODO_OK)
        status = todo_reader_new(&reader, NULL, &ret_ports->reader, error);
    if (status == TODO_OK)
        status = todo_writer_new(&writer, NULL, &ret_ports->writer, error);
    ret_ports->users = todo_users_ref(sound.users);
    return status;
}

static void close_faulty(void *arg, todo_conformance_ports *ports)
{
    (void)arg;
    todo_reader_unref(ports->reader);
    todo_writer_unref(ports->writer);
    todo_users_unref(ports->users);
    todo_reader_unref(sound.reader);
    todo_writer_unref(sound.writer);
    todo_users_unref(sound.users);
}

typedef struct report {
    const char *wanted; /* a case that has to fail */
    bool found;
} report;

static void look(void *arg, const todo_conformance_result *result)
{
    report *this = arg;

    if (result->outcome != TODO_CONFORMANCE_FAILED)
        return;
    assert_true(result->detail[0] != '\0');
    if (this->wanted == NULL)
        print_error("%s %s failed: %s\n", result->port, result->name, result->detail);
    else
        this->found = this->found || strcmp(result->name, this->wanted) == 0;
}

static todo_conformance_counts run_kit(fault *faulty, const char *wanted)
{
    todo_conformance_adapter adapter = TODO_CONFORMANCE_ADAPTER_INIT;
    todo_conformance_counts counts = {0, 0, 0};
    todo_error error = TODO_ERROR_INIT;
    report this = {wanted, false};

    adapter.open = open_faulty;
    adapter.close = close_faulty;
    adapter.arg = faulty;
    adapter.capabilities = TODO_CONFORMANCE_TRASH;
    assert_int_equal(todo_conformance_run(&adapter, look, &this, &counts, &error), TODO_OK);
    assert_true(wanted == NULL || this.found);
    return counts;
}

static void a_sound_adapter_passes(void **state)
{
    fault none = {.reader = {0}};
    todo_conformance_counts counts = run_kit(&none, NULL);

    (void)state;
    assert_int_equal(counts.failed, 0);
    assert_true(counts.passed > 40);
    assert_true(counts.not_claimed > 0);
}

#define FINDS(name, member, function, failing)      \
    static void finds_##name(void **state)          \
    {                                               \
        fault faulty = {.member = function};        \
        todo_conformance_counts counts;             \
                                                    \
        (void)state;                                \
        counts = run_kit(&faulty, failing);         \
        assert_true(counts.failed > 0);             \
        assert_true(counts.failed < counts.passed); \
    }

/* The port fills in the code of the status, which is not always the one that is due. */
FINDS(a_failure_without_its_reason, reader.get, get_without_error,
      "reads_of_an_unknown_user_are_unauthenticated")
FINDS(an_output_that_is_written_on_failure, reader.get, get_and_clear, "another_users_item_is_not_found")
FINDS(a_deadline_that_is_ignored, reader.get, get_without_deadline, "a_passed_deadline_is_a_timeout")
FINDS(a_filter_that_is_ignored, reader.list, list_without_filter,
      "lists_in_every_order_with_every_filter_in_pages_of_any_size")
FINDS(a_page_that_is_short, reader.list, list_one_less, "the_default_list_is_the_newest_hundred")
FINDS(a_batch_that_is_no_transaction, writer.insert, insert_one_by_one, "a_batch_with_a_taken_id_stores_none")
FINDS(an_item_that_is_not_stored_as_it_is, writer.insert, insert_anew, "gets_an_item_with_every_member")
FINDS(an_update_of_any_version, writer.update, update_any_version, "a_wrong_version_is_a_failed_precondition")
FINDS(a_removal_of_any_version, writer.remove, remove_any_version, "a_wrong_version_is_a_failed_precondition")
FINDS(a_removal_that_removed_nothing, writer.remove, remove_idempotently,
      "what_is_not_there_or_not_theirs_is_not_found")
FINDS(a_trash_that_keeps_nothing, writer.trash, trash_by_removing, "a_restored_item_is_what_it_was")
FINDS(a_removal_that_tells_the_old_version, writer.trash, trash_with_the_old_version,
      "a_trashed_item_is_found_in_the_trash_alone")
FINDS(a_restoration_of_any_version, writer.restore, restore_any_version, "a_wrong_version_moves_nothing")
FINDS(a_purge_without_bounds, writer.purge, purge_without_limit,
      "purges_what_was_deleted_first_in_bounded_batches")
FINDS(a_purge_of_the_wrong_users, writer.purge, purge_everybodys, "purges_one_users_trash_or_everybodys")
FINDS(a_trash_that_is_not_listed, reader.list, list_without_trash,
      "pages_of_the_trash_and_of_the_rest_are_apart")

static todo_status open_nothing(void *arg, todo_conformance_ports *ret_ports, todo_error *error)
{
    (void)ret_ports;
    (void)error;
    ++*(int *)arg;
    return TODO_OK;
}

static void nothing_to_test_is_an_error(void **state)
{
    todo_conformance_adapter adapter = TODO_CONFORMANCE_ADAPTER_INIT;
    todo_error error = TODO_ERROR_INIT;
    int opened = 0;

    (void)state;
    adapter.arg = &opened;
    assert_int_equal(todo_conformance_run(NULL, NULL, NULL, NULL, &error), TODO_ERR_INVALID);
    assert_int_equal(todo_conformance_run(&adapter, NULL, NULL, NULL, &error), TODO_ERR_INVALID);
    adapter.open = open_nothing;
    assert_int_equal(todo_conformance_run(&adapter, NULL, NULL, NULL, &error), TODO_ERR_INVALID);
    assert_int_equal(opened, 1);
    adapter.size++;
    assert_int_equal(todo_conformance_run(&adapter, NULL, NULL, NULL, &error), TODO_ERR_INVALID);
    assert_int_equal(opened, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_adapter_passes),
        cmocka_unit_test(finds_a_failure_without_its_reason),
        cmocka_unit_test(finds_an_output_that_is_written_on_failure),
        cmocka_unit_test(finds_a_deadline_that_is_ignored),
        cmocka_unit_test(finds_a_filter_that_is_ignored),
        cmocka_unit_test(finds_a_page_that_is_short),
        cmocka_unit_test(finds_a_batch_that_is_no_transaction),
        cmocka_unit_test(finds_an_item_that_is_not_stored_as_it_is),
        cmocka_unit_test(finds_an_update_of_any_version),
        cmocka_unit_test(finds_a_removal_of_any_version),
        cmocka_unit_test(finds_a_removal_that_removed_nothing),
        cmocka_unit_test(finds_a_trash_that_keeps_nothing),
        cmocka_unit_test(finds_a_removal_that_tells_the_old_version),
        cmocka_unit_test(finds_a_restoration_of_any_version),
        cmocka_unit_test(finds_a_purge_without_bounds),
        cmocka_unit_test(finds_a_purge_of_the_wrong_users),
        cmocka_unit_test(finds_a_trash_that_is_not_listed),
        cmocka_unit_test(nothing_to_test_is_an_error),
    };

    return cmocka_run_group_tests_name("conformance", tests, NULL, NULL);
}
