/*
 * Included before the sources of the key sets' reader: what it allocates and keeps for good is recorded, so that the target can
 * give it back after each input, as the component's end does. Each block stays one of malloc's, with its red zones.
 */
#ifndef TODO_TESTS_FUZZ_KEPT_H
#define TODO_TESTS_FUZZ_KEPT_H

#include <stdlib.h>

void *kept_malloc(size_t size);
void kept_free(void *block);

#define malloc kept_malloc
#define free   kept_free

#endif
