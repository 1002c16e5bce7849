/* The settings of a Redis server that the cache relies on. */
#ifndef TODO_ADAPTERS_REDIS_SETTINGS_H
#define TODO_ADAPTERS_REDIS_SETTINGS_H

#include <stddef.h>

/*
 * Looks through the text that INFO gives. The name of the first setting that the cache can't work with, with its value and
 * what is needed in `why`; NULL when all are right. What the text does not tell is taken for right.
 */
const char *todo__redis_wrong_setting(const char *info, char *why, size_t size);

#endif
