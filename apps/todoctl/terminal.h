/* Questions to the person at the controlling terminal, wherever stdin and stdout lead. */
#ifndef TODOCTL_TERMINAL_H
#define TODOCTL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Shows `prompt` and reads a line, without its end, into `answer`. Without `echo` what is typed is not shown, and the
 * terminal is put right again even if a signal ends the program meanwhile. False when there is no terminal.
 */
bool terminal_ask(const char *prompt, bool echo, char *answer, size_t size);

#endif
