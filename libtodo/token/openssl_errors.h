/*
 * OpenSSL reports by a queue of errors that belongs to the thread, and so to the program that this library is a guest
 * in: what OpenSSL says to us is read and taken away again, what was there before stays.
 */
#ifndef TODO_TOKEN_OPENSSL_ERRORS_H
#define TODO_TOKEN_OPENSSL_ERRORS_H

#include <todo/error.h>

/* From here on the errors are ours, until todo__openssl_end. Not to be nested. */
void todo__openssl_begin(void);
void todo__openssl_end(void);

/* Whether what failed since todo__openssl_begin failed for want of memory. */
bool todo__openssl_out_of_memory(void);

/* Sets this error, or NOMEM when that was it. */
todo_status todo__openssl_fail(todo_status status, const char *code, const char *message, todo_error *error);

#endif
