/* Lists of clients, by when they came to them. */
#ifndef EDGE_HOST_CLIENT_LIST_H
#define EDGE_HOST_CLIENT_LIST_H

#include "client.h"

/* Takes it from the list that it is in, and appends it to this one (NULL: none). */
static inline void client_list_move(struct client *client, struct client_list *list)
{
    struct client_list *old = client->list;

    if (old != NULL) {
        *(client->previous != NULL ? &client->previous->next : &old->first) = client->next;
        *(client->next != NULL ? &client->next->previous : &old->last) = client->previous;
    }
    client->list = list;
    client->next = client->previous = NULL;
    if (list == NULL)
        return;
    client->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = client;
    list->last = client;
}

#endif
