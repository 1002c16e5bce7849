#include "input.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

int input_byte(ctl_input *input)
{
    int byte = getc_unlocked(input->file);
    if (byte == EOF)
        return EOF;
    input->offset++;
    if (input->at_start)
        input->line++;
    input->at_start = byte == '\n';
    return byte;
}

int input_peek(ctl_input *input)
{
    int byte = getc_unlocked(input->file);
    return byte == EOF ? EOF : ungetc(byte, input->file);
}

void input_skip_mark(ctl_input *input)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
    size_t count = 0;
    int byte = EOF;
    while (count < sizeof(mark) && (byte = getc(input->file)) == mark[count])
        count++;
    if (count == sizeof(mark)) {
        input->offset += sizeof(mark);
        return;
    }
    if (byte != EOF)
        ungetc(byte, input->file);
    while (count > 0) /* more than one byte: glibc takes any number */
        ungetc(mark[--count], input->file);
}

input_result input_line(ctl_input *input, ctl_text *line, const char **ret_problem)
{
    int byte;
    text_clear(line);
    while ((byte = input_byte(input)) != EOF && byte != '\n') {
        if (byte == '\0' || line->length == INPUT_LINE_MAX) {
            *ret_problem = byte == '\0' ? "a NUL byte" : "longer than 16 MiB";
            return INPUT_BAD;
        }
        text_add(line, (char)byte);
    }
    if (ferror(input->file)) {
        *ret_problem = "it can't be read on";
        return INPUT_BAD;
    }
    if (byte == EOF && line->length == 0)
        return INPUT_END;
    if (line->length > 0 && line->data[line->length - 1] == '\r')
        line->data[--line->length] = '\0';
    return INPUT_OK;
}

void text_clear(ctl_text *text)
{
    text->length = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

void text_add(ctl_text *text, char byte)
{
    if (text->length + 2 > text->room) {
        text->room = text->room == 0 ? 256 : 2 * text->room;
        text->data = need_memory(realloc(text->data, text->room));
    }
    text->data[text->length++] = byte;
    text->data[text->length] = '\0';
}

void text_free(ctl_text *text)
{
    free(text->data);
    memset(text, 0, sizeof(*text));
}
