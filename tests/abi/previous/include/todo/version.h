/**
 * @file version.h
 * The version of the headers and of the library that runs.
 */
#ifndef TODO_VERSION_H
#define TODO_VERSION_H

#include <todo/base.h>

/** Of the version of the headers: incompatible changes. */
#define TODO_VERSION_MAJOR 0
/** Of the version of the headers: additions. */
#define TODO_VERSION_MINOR 1
/** Of the version of the headers: corrections. */
#define TODO_VERSION_PATCH 0
/** The version of the headers; todo_version() tells that of the library. */
#define TODO_VERSION_STRING "0.1.0"

TODO_BEGIN_DECLS

/** The version of the library in use, such as "0.1.0" (Semantic Versioning 2.0). Static; never freed. */
TODO_API const char *todo_version(void);

TODO_END_DECLS

#endif
