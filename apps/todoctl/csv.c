#include "csv.h"

#include <string.h>

void csv_write_field(FILE *out, const char *text)
{
    if (text[0] != '\0' && strpbrk(text, "\",\r\n") == NULL && text[0] != ' ' &&
        text[strlen(text) - 1] != ' ') {
        fputs(text, out);
        return;
    }
    putc_unlocked('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc_unlocked('"', out);
        putc_unlocked(*text, out);
    }
    putc_unlocked('"', out);
}
