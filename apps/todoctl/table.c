#include "output.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "report.h"

#define COLUMNS_MAX 8
#define LINE_WIDTH  80
#define GAP         2 /* blanks between columns */

struct ctl_table {
    const char *const *headers;
    size_t columns;
    bool headers_printed;
    char **cells; /* rows * columns */
    size_t rows;
    size_t room; /* in rows */
};

/* Reads a character at `text`; what is no UTF-8, or has no width, counts as one column. Returns its bytes. */
static size_t character(const char *text, size_t *ret_width)
{
    wchar_t wide;
    mbstate_t state = {0};
    size_t bytes = mbrtowc(&wide, text, MB_LEN_MAX, &state);
    int width = bytes == (size_t)-1 || bytes == (size_t)-2 ? -1 : wcwidth(wide);
    *ret_width = width < 0 ? 1 : (size_t)width;
    return bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0 ? 1 : bytes;
}

size_t text_width(const char *text)
{
    size_t total = 0;
    while (*text != '\0') {
        size_t width;
        text += character(text, &width);
        total += width;
    }
    return total;
}

void print_wrapped(const char *text, size_t indent, FILE *out)
{
    char *copy = need_memory(strdup(text));
    char *rest = copy;
    size_t column = indent;
    for (const char *word = strsep(&rest, " \n"); word != NULL; word = strsep(&rest, " \n")) {
        size_t width = text_width(word);
        if (column > indent && column + 1 + width > LINE_WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        fprintf(out, "%s%s", column > indent ? " " : "", word);
        column += width + (column > indent);
    }
    putc('\n', out);
    free(copy);
}

/* The bytes of `text` that fit into `limit` columns. */
static size_t fitting(const char *text, size_t limit)
{
    size_t at = 0;
    size_t total = 0;
    while (text[at] != '\0') {
        size_t width;
        size_t bytes = character(text + at, &width);
        if (total + width > limit)
            break;
        total += width;
        at += bytes;
    }
    return at;
}

ctl_table *table_new(const char *const *headers, size_t columns)
{
    ctl_table *table = need_memory(calloc(1, sizeof(*table)));
    table->headers = headers;
    table->columns = columns;
    return table;
}

void table_add(ctl_table *table, const char *const *cells)
{
    if (table->rows == table->room) {
        table->room = table->room == 0 ? 64 : 2 * table->room;
        table->cells =
            need_memory(realloc(table->cells, table->room * table->columns * sizeof(table->cells[0])));
    }
    char **row = &table->cells[table->rows++ * table->columns];
    for (size_t i = 0; i < table->columns; i++) {
        row[i] = need_memory(strdup(cells[i]));
        make_printable(row[i]);
    }
}

static size_t terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* `start` and `end` go around the row, inside the line. */
static void print_row(const ctl_table *table, const char *const *row, const size_t *widths, const char *start,
                      const char *end)
{
    size_t last = table->columns - 1;
    fputs(start, stdout);
    for (size_t i = 0; i < last; i++)
        printf("%s%*s", row[i], (int)(widths[i] + GAP - text_width(row[i])), "");
    if (text_width(row[last]) <= widths[last])
        printf("%s%s\n", row[last], end);
    else
        printf("%.*s…%s\n", (int)fitting(row[last], widths[last] - 1), row[last], end);
}

static void measure(const ctl_table *table, size_t *widths)
{
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = text_width(table->headers[i]);
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        size_t width = text_width(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    size_t before = 0;
    for (size_t i = 0; i + 1 < table->columns; i++)
        before += widths[i] + GAP;
    size_t screen = terminal_width();
    if (screen > before + 10 && widths[table->columns - 1] > screen - before)
        widths[table->columns - 1] = screen - before;
}

void table_flush(ctl_table *table)
{
    if (table->rows == 0)
        return;
    size_t widths[COLUMNS_MAX];
    measure(table, widths);
    if (!table->headers_printed) {
        bool bold = colours(stdout);
        print_row(table, table->headers, widths, bold ? "\033[1m" : "", bold ? "\033[0m" : "");
        table->headers_printed = true;
    }
    for (size_t i = 0; i < table->rows; i++)
        print_row(table, (const char *const *)&table->cells[i * table->columns], widths, "", "");
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->cells[i]);
    table->rows = 0;
}

void table_free(ctl_table *table)
{
    if (table != NULL) {
        for (size_t i = 0; i < table->rows * table->columns; i++)
            free(table->cells[i]);
        free(table->cells);
        free(table);
    }
}
