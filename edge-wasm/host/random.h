/* Random numbers from the system, a system call for many of them. */
#ifndef EDGE_HOST_RANDOM_H
#define EDGE_HOST_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_LENGTH 36

bool random_u64(uint64_t *ret_number);

/* A UUID of version 4; all zeros when the system has no random numbers. No NUL. */
void random_uuid(char ret_text[UUID_LENGTH]);

#endif
