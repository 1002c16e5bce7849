/* A field of CSV. */
#ifndef TODOCTL_CSV_H
#define TODOCTL_CSV_H

#include <stdio.h>

/* Writes a field (RFC 4180, 2), quoted if it is empty or needs it. Nothing at all is the absent field. */
void csv_write_field(FILE *out, const char *text);

#endif
