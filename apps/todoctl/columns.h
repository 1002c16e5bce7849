/* Results as columns: CSV, or the one column of ids. */
#ifndef TODOCTL_COLUMNS_H
#define TODOCTL_COLUMNS_H

#include "output.h"

/*
 * Writes the JSON object of `text` as a row of OUTPUT_CSV, below a header if it is the `first`, or as a line of
 * OUTPUT_IDS. A member that is null is an empty field, one with members of its own is JSON.
 */
void columns_write(const char *text, size_t length, output_format format, bool first);

#endif
