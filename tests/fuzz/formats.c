/*
 * Any bytes to import, as each format: refused, or records that say the same when they have been exported and read
 * again, whatever the format between. The first byte chooses the formats.
 */
#include "fuzz.h"

#include "format.h"

static const record_format *const formats[] = {&format_jsonl, &format_csv, &format_icalendar};

#define FORMATS     (sizeof(formats) / sizeof(formats[0]))
#define RECORDS_MAX 16

static FILE *open_bytes(const void *bytes, size_t length)
{
    /* fmemopen refuses an empty buffer, so one byte more goes in front and is passed over. */
    static char copy[1 << 16];
    REQUIRE(length + 1 < sizeof(copy));
    copy[0] = ' ';
    memcpy(copy + 1, bytes, length);
    FILE *file = fmemopen(copy, length + 1, "r");
    REQUIRE(file != NULL && getc(file) == ' ');
    return file;
}

/* Reads records up to the end, to what is wrong, or to RECORDS_MAX of them. */
static size_t read_items(const record_format *format, const void *bytes, size_t length,
                         const todo_item **items, input_result *ret_end)
{
    record_reader reader = {.input = {.file = open_bytes(bytes, length), .at_start = true}};
    ctl_record record;
    size_t count = 0;
    *ret_end = INPUT_OK;
    while (count < RECORDS_MAX && (*ret_end = format->read(&reader, &record)) == INPUT_OK)
        if (todo_item_admit(&record.fields, sizeof(record.fields), &items[count], NULL) == TODO_OK)
            count++;
    REQUIRE(*ret_end != INPUT_BAD || reader.problem[0] != '\0');
    format->free_state(reader.state);
    fclose(reader.input.file);
    return count;
}

static void require_same(const todo_item *a, const todo_item *b)
{
    REQUIRE(todo_uuid_compare(&a->id, &b->id) == 0 && todo_uuid_compare(&a->user_id, &b->user_id) == 0);
    REQUIRE(strcmp(a->title, b->title) == 0);
    REQUIRE((a->description == NULL) == (b->description == NULL));
    REQUIRE(a->description == NULL || strcmp(a->description, b->description) == 0);
    REQUIRE(a->completed == b->completed && a->version == b->version);
    REQUIRE(a->created_at == b->created_at && a->updated_at == b->updated_at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const todo_item *items[RECORDS_MAX], *again[RECORDS_MAX];
    input_result end;
    if (size == 0)
        return 0;
    const record_format *out = formats[data[0] / FORMATS % FORMATS];
    size_t count = read_items(formats[data[0] % FORMATS], data + 1, size - 1, items, &end);

    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    todo_buffer *scratch = NULL;
    REQUIRE(file != NULL && todo_buffer_new(&scratch, NULL) == TODO_OK);
    out->write_head(file);
    for (size_t i = 0; i < count; i++)
        out->write(file, scratch, items[i]);
    out->write_tail(file);
    REQUIRE(fclose(file) == 0);

    REQUIRE(read_items(out, text, length, again, &end) == count &&
            (count == RECORDS_MAX || end == INPUT_END));
    for (size_t i = 0; i < count; i++) {
        require_same(items[i], again[i]);
        todo_item_unref(items[i]);
        todo_item_unref(again[i]);
    }
    todo_buffer_free(scratch);
    free(text);
    return 0;
}
