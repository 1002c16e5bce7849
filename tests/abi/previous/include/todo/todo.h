/**
 * @file todo.h
 * All of libtodo for callers. Implementers of ports also include what they need of <todo/port/…>.
 */
#ifndef TODO_TODO_H
#define TODO_TODO_H

#include <todo/alloc.h>
#include <todo/buffer.h>
#include <todo/call.h>
#include <todo/commands.h>
#include <todo/error.h>
#include <todo/fields.h>
#include <todo/item.h>
#include <todo/json.h>
#include <todo/queries.h>
#include <todo/recurrence.h>
#include <todo/status.h>
#include <todo/store.h>
#include <todo/token.h>
#include <todo/types.h>
#include <todo/user.h>
#include <todo/version.h>
#include <todo/zone.h>

#endif
