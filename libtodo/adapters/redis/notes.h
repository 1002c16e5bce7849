/*
 * What Redis is told of users: for each who changed something of late, a note of where in the database's log their last
 * change is. Each change writes it, so that everybody hears that lists of the user are not what they were, and whoever
 * reads a list knows how far a standby must be to have all that the user changed, wherever that was.
 *
 * The key is todo:user:{id}, which is no todo's. The value, integers big-endian:
 *
 *   offset  length
 *        0       2  "u1"
 *        2       8  position
 *       10       8  the run of the server that it was put into (todo__redis_run)
 *
 * A position never goes back (note_change.lua).
 */
#ifndef TODO_ADAPTERS_REDIS_NOTES_H
#define TODO_ADAPTERS_REDIS_NOTES_H

#include "adapters/redis/floors.h"
#include "adapters/redis/remote.h"

#define TODO__NOTE_NONE     INT64_C(0)      /* nothing is known */
#define TODO__NOTE_UNPLACED (INT64_MAX - 1) /* there was a change; nobody knows its position */
#define TODO__NOTE_DOUBT    INT64_MAX       /* a change may be still to come */

/* What a sequence says of the change that it was given for; NULL: nobody knows whether there was one. */
int64_t todo__note_of_sequence(const todo_sequence *sequence);

/* What a read must ask for to see what is noted: beyond all, so that no standby will do, where that is not known. */
uint64_t todo__note_position(int64_t note);

/* A note under way; NULL in it: it could not be sent. */
typedef struct todo__noting {
    todo_uuid user;
    int64_t note;
    uint64_t run;
    todo__redis_request *request;
} todo__noting;

/* Queues a note, which travels with the next command of this thread; todo__note_end must follow. */
void todo__note_begin(const todo__remote *remote, const todo_call *call, const todo_uuid *user, int64_t note,
                      todo__noting *noting);
todo_status todo__note_end(const todo__remote *remote, const todo_call *call, const todo__noting *noting);

/* Reads a user's note. UNAVAILABLE, TIMEOUT, NOMEM. */
todo_status todo__note_read(const todo__remote *remote, const todo_call *call, const todo_uuid *user,
                            int64_t *ret_note, todo_error *error);

/* Tells Redis of up to TODO__REMOTE_TOGETHER_MAX notes that it could not be told of, as todo__remote_raise. */
todo_status todo__notes_raise(const todo__remote *remote, const todo__floor *notes, size_t count);

#endif
