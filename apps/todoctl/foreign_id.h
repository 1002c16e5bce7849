/* Ids for todos that come from programs whose ids are no UUIDs. */
#ifndef TODOCTL_FOREIGN_ID_H
#define TODOCTL_FOREIGN_ID_H

#include <todo/types.h>

/*
 * The UUIDv5 (RFC 9562, 5.5) of a name in the namespace of a user's id: the same name of the same user always gives the same id,
 * so that a second import finds what the first one made, and two users may import the same file.
 */
todo_uuid foreign_id(const todo_uuid *user, const char *name);

#endif
