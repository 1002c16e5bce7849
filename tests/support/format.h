/* Texts of any length. */
#ifndef TODO_TESTS_FORMAT_H
#define TODO_TESTS_FORMAT_H

/* printf into a text of its own; to be freed. */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

#endif
