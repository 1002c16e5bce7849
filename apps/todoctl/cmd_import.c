/* todoctl import: todos from a file or a pipe, as they were exported. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "access.h"
#include "foreign_id.h"
#include "format.h"
#include "importer.h"
#include "output.h"
#include "progress.h"
#include "report.h"

static const char *user_option;
static const char *format_option;
static bool dry_run;
static bool skip_invalid;
static bool truncate_titles;

/* Where to import from. */
typedef struct ctl_source {
    const char *name;
    const record_format *format;
    record_reader reader;
    uint64_t size;      /* 0: not known */
    uint64_t invalid;   /* records that were passed over */
    uint64_t shortened; /* titles */
} ctl_source;

static int open_source(ctl_source *source, const char *file)
{
    struct stat status;
    bool from_stdin = strcmp(file, "-") == 0;
    source->name = from_stdin ? "standard input" : file;
    source->format = format_find(format_option, file);
    if (source->format == NULL)
        return fail(EXIT_USAGE, "--format jsonl, csv or icalendar", "there is no format %s", format_option);
    source->reader.input.file = from_stdin ? stdin : fopen(file, "re");
    source->reader.input.at_start = true;
    if (source->reader.input.file == NULL)
        return fail(EXIT_USAGE, "a file of todoctl export", "cannot read %s: %s", file, strerror(errno));
    input_skip_mark(&source->reader.input);
    if (fstat(fileno(source->reader.input.file), &status) == 0 && S_ISREG(status.st_mode))
        source->size = (uint64_t)status.st_size;
    return 0;
}

static void close_source(ctl_source *source)
{
    if (source->format != NULL)
        source->format->free_state(source->reader.state);
    if (source->reader.input.file != NULL && source->reader.input.file != stdin)
        fclose(source->reader.input.file);
}

/* Says what is wrong with the latest record. With --skip-invalid the import goes on, unless the text is `broken`. */
static int bad_record(ctl_source *source, const char *problem, bool broken)
{
    const char *next = skip_invalid
                           ? "fixing that line and running the command again; todos imported so far are kept"
                           : "fixing that line, or --skip-invalid; todos imported so far are kept";
    unsigned long long line = source->reader.line;
    if (broken || !skip_invalid)
        return fail(EXIT_USAGE, next, "%s, line %llu: %s", source->name, line, problem);
    source->invalid++;
    warn("%s, line %llu: %s; passed over", source->name, line, problem);
    return 0;
}

/* The first characters of a title, as many as one may have; `room` is for so many. */
static const char *shorten(const char *title, char *room)
{
    size_t length = 0;
    title += strspn(title, " \t\r\n");
    for (size_t count = 0; title[length] != '\0'; length++) {
        count += ((unsigned char)title[length] & 0xc0) != 0x80; /* a character begins */
        if (count > TODO_TITLE_MAX)
            break;
        room[length] = title[length];
    }
    room[length] = '\0';
    return room;
}

/* Makes the item of a record; with --truncate of one whose title is too long too. */
static todo_status admit(ctl_source *source, todo_item *fields, const todo_item **ret_item, todo_error *error)
{
    char room[4 * TODO_TITLE_MAX + 1];
    todo_status status = todo_item_admit(fields, sizeof(*fields), ret_item, error);
    if (status == TODO_OK || !truncate_titles || strcmp(error->code, "title_too_long") != 0)
        return status;
    fields->title = shorten(fields->title, room);
    status = todo_item_admit(fields, sizeof(*fields), ret_item, error);
    source->shortened += status == TODO_OK;
    return status;
}

/* Makes the item of a record, of `owner` if that is not NULL, and hands it on. */
static int import_record(ctl_importer *importer, ctl_source *source, ctl_record *record,
                         const todo_user *owner)
{
    todo_error error = TODO_ERROR_INIT;
    const todo_item *item = NULL;
    todo_item *fields = &record->fields;
    if (owner != NULL)
        fields->user_id = owner->id;
    else if (!record->has_user)
        return bad_record(source, "the todo has no user_id, and there is no --user", false);
    if (record->foreign_id != NULL)
        fields->id = foreign_id(&fields->user_id, record->foreign_id);
    else if (!record->has_id && todo_uuid_generate(&fields->id, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot make an id");
    if (admit(source, fields, &item, &error) != TODO_OK)
        return bad_record(source, error.message, false);
    return importer_add(importer, item);
}

static int import_all(ctl_importer *importer, ctl_source *source, const todo_user *owner)
{
    ctl_progress progress;
    ctl_record record;
    input_result result = INPUT_OK;
    int code = 0;
    progress_begin(&progress, dry_run ? "looked at" : "imported", source->size);
    while (code == 0 && (result = source->format->read(&source->reader, &record)) != INPUT_END &&
           result != INPUT_BAD) {
        code = result == INPUT_OK ? import_record(importer, source, &record, owner)
                                  : bad_record(source, source->reader.problem, false);
        progress_update(&progress, source->reader.input.offset, importer->added + importer->known);
    }
    progress_end(&progress);
    /* What was read before something that is wrong is good. */
    int flushed = importer_flush(importer);
    if (code == 0 && flushed == 0 && result == INPUT_BAD)
        return bad_record(source, source->reader.problem, true);
    return code != 0 ? code : flushed;
}

/* The counts in the order of the report; those behind `known` are reported only if they are not 0. */
typedef struct ctl_count {
    const char *member; /* in JSON */
    uint64_t count;
    const char *one, *more; /* the words behind the number */
} ctl_count;

static void print_json(const ctl_importer *importer, const ctl_count *counts, size_t number)
{
    json_object *object = need_memory(json_object_new_object());
    json_object_object_add(object, "added", json_object_new_uint64(importer->added));
    json_object_object_add(object, "known", json_object_new_uint64(importer->known));
    for (size_t i = 0; i < number; i++)
        if (counts[i].count > 0)
            json_object_object_add(object, counts[i].member, json_object_new_uint64(counts[i].count));
    json_object_object_add(object, "dry_run", json_object_new_boolean(dry_run));
    print_object(object);
}

static void print_counts(const ctl_context *context, const ctl_importer *importer, const ctl_source *source)
{
    const ctl_count counts[] = {
        {"trashed", importer->trashed, "in the trash", "in the trash"},
        {"shortened", source->shortened, "title was shortened", "titles were shortened"},
        {"invalid", source->invalid, "was invalid and passed over", "were invalid and passed over"},
        {"occurrences", source->reader.occurrences, "changed occurrence of a recurring todo was passed over",
         "changed occurrences of recurring todos were passed over"},
    };
    size_t number = sizeof(counts) / sizeof(counts[0]);
    if (source->reader.warning != NULL)
        warn("%s: %s", source->name, source->reader.warning);
    if (context->json) {
        print_json(importer, counts, number);
        return;
    }
    printf("%s %llu todo%s; %llu %s there already", dry_run ? "Would import" : "Imported",
           (unsigned long long)importer->added, importer->added == 1 ? "" : "s",
           (unsigned long long)importer->known, importer->known == 1 ? "was" : "were");
    for (size_t i = 0; i < number; i++)
        if (counts[i].count > 0)
            printf(", %llu %s", (unsigned long long)counts[i].count,
                   counts[i].count == 1 ? counts[i].one : counts[i].more);
    puts(".");
}

static int run_import(ctl_context *context, int count, char **arguments)
{
    ctl_source source = {.size = 0};
    ctl_importer importer = {.context = context, .dry_run = dry_run};
    const todo_user *owner = NULL;
    int code = open_source(&source, count > 0 ? arguments[0] : "-");
    code = code != 0 ? code : access_open(context, dry_run ? TODO_STORE_READ : TODO_STORE_EXISTING);
    if (code == 0 && user_option != NULL)
        code = access_user(context, user_option, &owner);
    if (code == 0)
        code = import_all(&importer, &source, owner);
    if (code == 0)
        print_counts(context, &importer, &source);
    importer_clear(&importer);
    todo_user_unref(owner);
    close_source(&source);
    return code;
}

static const option_spec options[] = {
    {"user", 'u', "USER", "give them all to this user, by e-mail or id", &user_option, NULL},
    {"format", 'f', "FORMAT", "jsonl, csv or icalendar (by the file's name, or jsonl)", &format_option, NULL},
    {"skip-invalid", 0, NULL, "pass over todos that cannot be taken, naming each", NULL, &skip_invalid},
    {"truncate", 0, NULL, "cut titles that are too long", NULL, &truncate_titles},
    {"dry-run", 'n', NULL, "read and check all, but change nothing", NULL, &dry_run},
    OPTION_END,
};

static const ctl_command commands[] = {
    {NULL, "[FILE]", "Read todos of JSON Lines, CSV or iCalendar",
     "From FILE, or from standard input. Todos whose id is there already are let be: an import that was "
     "interrupted is taken up again by the same command. So are those that are in the trash.",
     options, 0, 1, run_import},
    {.run = NULL},
};

const command_group group_import = {"import", "Todos on the way in", true, commands, false, false};
