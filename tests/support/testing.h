/* What every test file begins with: cmocka, with the headers it wants included before it. */
#ifndef TODO_TESTS_TESTING_H
#define TODO_TESTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
