#include "adapters/redis/notes.h"

#include <stdio.h>
#include <string.h>

#include "adapters/redis/codec.h"
#include "adapters/redis/scripts.h"
#include "domain/consistency.h"

#define KEY_PREFIX  "todo:user:"
#define KEY_SIZE    (sizeof(KEY_PREFIX) - 1 + TODO_UUID_TEXT_SIZE)
#define NOTE_LENGTH 18u

static const todo__redis_manner ordinary = {.urgent = false, .epoch = 0};
static const todo__redis_manner urgent = {.urgent = true, .epoch = 0};

int64_t todo__note_of_sequence(const todo_sequence *sequence)
{
    if (sequence == NULL)
        return TODO__NOTE_DOUBT;
    if (sequence->number == 0 || sequence->number >= (uint64_t)TODO__NOTE_UNPLACED)
        return TODO__NOTE_UNPLACED;
    return (int64_t)sequence->number;
}

uint64_t todo__note_position(int64_t note)
{
    return note == TODO__NOTE_NONE || note >= TODO__NOTE_UNPLACED ? UINT64_MAX : (uint64_t)note;
}

static void format_key(const todo_uuid *user, char *key)
{
    memcpy(key, KEY_PREFIX, sizeof(KEY_PREFIX) - 1);
    todo_uuid_format(user, key + sizeof(KEY_PREFIX) - 1);
}

/* ---- writing ---- */

/* The script by its name, or by its text for a server that does not know it yet. NULL when it could not be sent. */
static todo__redis_request *submit(const todo__remote *remote, const todo_call *call,
                                   todo__redis_manner manner, bool by_name, const todo__noting *noting)
{
    const char *verb = by_name ? "EVALSHA" : "EVAL";
    const char *script = by_name ? todo__note_change_sha1 : todo__note_change;
    char key[KEY_SIZE], value[NOTE_LENGTH] = "u1";
    const char *argv[] = {verb, script, "1", key, value, TODO__REDIS_TTL_TEXT};
    const size_t lengths[] = {strlen(verb), strlen(script), 1,
                              KEY_SIZE - 1, NOTE_LENGTH,    strlen(TODO__REDIS_TTL_TEXT)};
    todo__redis_request *request = NULL;

    format_key(&noting->user, key);
    todo__redis_put_integer(todo__redis_put_integer(value + 2, (uint64_t)noting->note, 8), noting->run, 8);
    if (todo__redis_submit(remote->link, call, manner, 6, argv, lengths, &request, NULL) != TODO_OK)
        return NULL;
    return request;
}

/* `ret_refused` (may be NULL): whether Redis answered, but with an error. */
static todo_status await(const todo__remote *remote, todo__redis_request *request, bool *ret_refused)
{
    redisReply *reply = NULL;
    todo_status status = TODO_ERR_UNAVAILABLE;

    if (request != NULL)
        status = todo__redis_wait(remote->link, request, &reply, NULL);
    if (status == TODO_OK && reply->type != REDIS_REPLY_INTEGER) {
        status = TODO_ERR_UNAVAILABLE;
        if (ret_refused != NULL)
            *ret_refused = true;
    }
    if (reply != NULL)
        freeReplyObject(reply);
    if (status != TODO_OK)
        todo__count(&remote->stats->errors);
    return status;
}

void todo__note_begin(const todo__remote *remote, const todo_call *call, const todo_uuid *user, int64_t note,
                      todo__noting *noting)
{
    *noting = (todo__noting){.user = *user, .note = note};
    if (todo__remote_run(remote, call, &noting->run, NULL) == TODO_OK)
        noting->request = submit(remote, call, ordinary, true, noting);
}

todo_status todo__note_end(const todo__remote *remote, const todo_call *call, const todo__noting *noting)
{
    todo__noting again = *noting;
    bool refused = false;
    todo_status status = await(remote, noting->request, &refused);

    /* It may not know the script, or it was this very note that found Redis restarted. */
    again.run = todo__redis_state_of(remote->link).run;
    if (refused || (status == TODO_OK && again.run != noting->run))
        status = await(remote, submit(remote, call, ordinary, false, &again), NULL);
    return status;
}

todo_status todo__notes_raise(const todo__remote *remote, const todo__floor *notes, size_t count)
{
    todo__redis_request *requests[TODO__REMOTE_TOGETHER_MAX] = {NULL};
    todo_status status = TODO_OK;
    uint64_t run;

    if (todo__remote_run(remote, NULL, &run, NULL) != TODO_OK)
        return TODO_ERR_UNAVAILABLE;
    for (size_t i = 0; i < count; i++) {
        const todo__noting noting = {.user = notes[i].id, .note = notes[i].version, .run = run};

        requests[i] = submit(remote, NULL, urgent, false, &noting);
    }
    for (size_t i = 0; i < count; i++)
        if (await(remote, requests[i], NULL) != TODO_OK)
            status = TODO_ERR_UNAVAILABLE;
    /* On a connection to another run, they may be of none. */
    return todo__redis_state_of(remote->link).run == run ? status : TODO_ERR_UNAVAILABLE;
}

/* ---- reading ---- */

/* False for what is no note, or one of another run. */
static bool decode(const redisReply *reply, uint64_t run, int64_t *ret_note)
{
    const char *in;
    int64_t note;

    if (reply->type != REDIS_REPLY_STRING || reply->len != NOTE_LENGTH || memcmp(reply->str, "u1", 2) != 0)
        return false;
    in = reply->str + 2;
    note = (int64_t)todo__redis_get_integer(&in, 8);
    if (note <= 0 || todo__redis_get_integer(&in, 8) != run)
        return false;
    *ret_note = note;
    return true;
}

todo_status todo__note_read(const todo__remote *remote, const todo_call *call, const todo_uuid *user,
                            int64_t *ret_note, todo_error *error)
{
    redisReply *reply = NULL;
    char key[KEY_SIZE];
    todo_status status;

    format_key(user, key);
    status =
        todo__remote_command(remote, call, ordinary, 2, (const char *[]){"GET", key}, NULL, &reply, error);
    if (status != TODO_OK)
        return status;
    if (!decode(reply, todo__redis_state_of(remote->link).run, ret_note))
        *ret_note = TODO__NOTE_NONE;
    freeReplyObject(reply);
    return TODO_OK;
}
