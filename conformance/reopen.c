/* The duties that need the ports to be opened again: after the end of a process, or twice at a time. */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Closes the fixture's ports and opens them again. */
static void open_again(test_fixture *fixture)
{
    test_fixture fresh;
    todo_status status = open_ports(fixture->adapter, &fresh, &fixture->error);

    if (status != TODO_OK)
        fail_case(fixture, __FILE__, __LINE__, "it can't be opened again: %s (%s) %s",
                  todo_status_name(status), fixture->error.message, fixture->error.detail);
    take_ports(fixture, &fresh.ports);
}

static void keeps_its_data_when_it_is_opened_again(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "kept", 1), changed = add_item(fixture, "changed", 2),
              removed = add_item(fixture, "removed", 3);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *answer = NULL;

    patch.title = (todo_patch_text){TODO_VALUE, "after"};
    expect(fixture, TODO_OK,
           todo_writer_update(fixture->writer, NULL, &fixture->alice, &changed.id, &patch, 9, &answer,
                              &fixture->error));
    todo_item_unref(answer);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &removed.id, 0, &fixture->error));
    close_ports(fixture);
    open_again(fixture);
    changed.title = "after";
    changed.version = 2;
    changed.updated_at = 9;
    expect_item_stored(fixture, &item);
    expect_item_stored(fixture, &changed);
    expect_item_missing(fixture, &fixture->alice, &removed.id);
}

/* In the child: inserts todos of alice and tells the id of each once it is acknowledged, until it is killed. */
static _Noreturn void write_until_killed(const test_fixture *fixture, int channel)
{
    todo_item item = {.title = "survivor", .version = 1, .user_id = fixture->alice};
    const todo_item *pointer = &item;
    test_fixture child;

    if (open_ports(fixture->adapter, &child, NULL) != TODO_OK)
        _exit(1);
    while (todo_uuid_generate(&item.id, NULL) == TODO_OK &&
           todo_writer_insert(child.writer, NULL, &pointer, 1, NULL) == TODO_OK &&
           write(channel, &item.id, sizeof(item.id)) == sizeof(item.id))
        ;
    _exit(1);
}

static size_t read_ids(int channel, todo_uuid *ids, size_t count)
{
    size_t got = 0;

    while (got < count * sizeof(*ids)) {
        ssize_t part = read(channel, (char *)ids + got, count * sizeof(*ids) - got);

        if (part == 0 || (part < 0 && errno != EINTR))
            break;
        got += part > 0 ? (size_t)part : 0;
    }
    return got / sizeof(*ids);
}

static todo_status sum_up(void *arg, const todo_item *item)
{
    uint64_t *sums = arg;

    sums[0]++;
    sums[1] += (uint64_t)item->modseq;
    return TODO_OK;
}

/* All of alice's todos were only created: they have the numbers from 1 to that of the state that shows them. */
static void expect_no_gap(test_fixture *fixture)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_sequence shown = {0, 0};
    todo_call call = TODO_CALL_INIT;
    uint64_t sums[2] = {0, 0};

    query.limit = UINT32_MAX;
    call.ret_sequence = &shown;
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, &call, &fixture->alice, &query, sum_up, sums, &fixture->error));
    expect_equal(fixture, sums[0], shown.number);
    expect_equal(fixture, sums[1], shown.number * (shown.number + 1) / 2);
}

static void a_change_survives_the_death_of_its_process(test_fixture *fixture)
{
    todo_uuid acknowledged[20];
    int channel[2], status;
    size_t count;
    pid_t child;

    close_ports(fixture); /* a fork must not share a connection or an open database */
    expect_equal(fixture, pipe(channel), 0);
    child = fork();
    if (child == 0)
        write_until_killed(fixture, channel[1]);
    close(channel[1]);
    count = child > 0 ? read_ids(channel[0], acknowledged, COUNT_OF(acknowledged)) : 0;
    close(channel[0]);
    expect_that(fixture, child > 0);
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    open_again(fixture);
    expect_equal(fixture, count, COUNT_OF(acknowledged));
    for (size_t i = 0; i < count; i++) {
        const todo_item *item = NULL;

        expect(fixture, TODO_OK,
               todo_reader_get(fixture->reader, NULL, &fixture->alice, &acknowledged[i], &item,
                               &fixture->error));
        expect_text(fixture, item->title, "survivor");
        todo_item_unref(item);
    }
    add_item(fixture, "life goes on", 1);
    expect_no_gap(fixture);
}

/* The same users through other ports on the same store. */
static test_fixture open_another(test_fixture *fixture)
{
    test_fixture other;

    expect(fixture, TODO_OK, open_ports(fixture->adapter, &other, &fixture->error));
    other.alice = fixture->alice;
    other.bob = fixture->bob;
    return other;
}

static void ports_opened_twice_see_each_others_writes(test_fixture *fixture)
{
    test_fixture other = open_another(fixture);
    todo_item ours = add_item(fixture, "ours", 1), theirs = make_item(fixture, &fixture->alice, "theirs", 2);
    const todo_item *pointer = &theirs, *got = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    expect(fixture, TODO_OK, todo_writer_insert(other.writer, NULL, &pointer, 1, &fixture->error));
    expect(fixture, TODO_OK,
           todo_reader_get(other.reader, NULL, &ours.user_id, &ours.id, &got, &fixture->error));
    expect_item(fixture, got, &ours);
    todo_item_unref(got);
    expect_item_stored(fixture, &theirs);
    patch.if_version = 1;
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    expect(fixture, TODO_OK,
           todo_writer_update(other.writer, NULL, &ours.user_id, &ours.id, &patch, 9, &got, &fixture->error));
    expect_equal(fixture, got->version, 2);
    todo_item_unref(got);
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_remove(fixture->writer, NULL, &ours.user_id, &ours.id, 1, &fixture->error));
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &ours.user_id, &ours.id, 2, &fixture->error));
    got = NULL;
    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_reader_get(other.reader, NULL, &ours.user_id, &ours.id, &got, &fixture->error));
    close_ports(&other);
}

enum { CHANGES = 20 };

typedef struct shared_work {
    todo_writer *writers[2];
    todo_item item;
    size_t wrong[THREADS];
} shared_work;

static void change_through_either(void *arg, size_t index)
{
    shared_work *this = arg;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    for (int i = 0; i < CHANGES; i++) {
        char title[32];

        snprintf(title, sizeof(title), "%zu.%d", index, i);
        patch.title = (todo_patch_text){TODO_VALUE, title};
        if (todo_writer_update(this->writers[index % 2], NULL, &this->item.user_id, &this->item.id, &patch, 2,
                               &changed, NULL) == TODO_OK)
            todo_item_unref(changed);
        else
            this->wrong[index]++;
    }
}

static void no_change_is_lost_between_ports_opened_twice(test_fixture *fixture)
{
    test_fixture other = open_another(fixture);
    shared_work work = {.writers = {fixture->writer, other.writer}, .item = add_item(fixture, "shared", 1)};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    in_threads(fixture, change_through_either, &work);
    for (size_t i = 0; i < THREADS; i++)
        expect_equal(fixture, work.wrong[i], 0);
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    expect(fixture, TODO_OK,
           todo_writer_update(fixture->writer, NULL, &work.item.user_id, &work.item.id, &patch, 2, &changed,
                              &fixture->error));
    expect_equal(fixture, changed->version, 2 + CHANGES * THREADS);
    todo_item_unref(changed);
    close_ports(&other);
}

static const conformance_case durable[] = {
    CASE(keeps_its_data_when_it_is_opened_again,
         "What was written is still there when the ports are closed and opened again"),
    CASE(a_change_survives_the_death_of_its_process, "A change that returned TODO_OK is durable: it survives "
                                                     "the death of the process and of the backend."),
};

static const conformance_case shared[] = {
    CASE(ports_opened_twice_see_each_others_writes, "Ports that are opened twice see the same todos"),
    CASE(no_change_is_lost_between_ports_opened_twice, "neither loses the other's changes"),
};

const conformance_cases conformance_durable = {"durable", durable, COUNT_OF(durable)};
const conformance_cases conformance_shared = {"shared", shared, COUNT_OF(shared)};
