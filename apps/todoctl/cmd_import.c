/* todoctl import: todos from a file or a pipe, as they were exported. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "access.h"
#include "format.h"
#include "importer.h"
#include "output.h"
#include "progress.h"
#include "report.h"

static const char *user_option;
static const char *format_option;
static bool dry_run;

/* Where to import from. */
typedef struct ctl_source {
    const char *name;
    const record_format *format;
    record_reader reader;
    uint64_t size; /* 0: not known */
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

static int bad_record(const ctl_source *source, const char *problem)
{
    return fail(EXIT_USAGE, "mending it, and the same again: what was imported stays", "%s, line %llu: %s",
                source->name, (unsigned long long)source->reader.line, problem);
}

/* Makes the item of a record, of `owner` if that is not NULL, and hands it on. */
static int import_record(ctl_importer *importer, const ctl_source *source, ctl_record *record,
                         const todo_user *owner)
{
    todo_error error = TODO_ERROR_INIT;
    const todo_item *item = NULL;
    if (owner != NULL)
        record->fields.user_id = owner->id;
    else if (!record->has_user)
        return bad_record(source, "it does not say whose it is, and there is no --user");
    if (todo_item_admit(&record->fields, sizeof(record->fields), &item, &error) != TODO_OK)
        return bad_record(source, error.message);
    return importer_add(importer, item);
}

static int import_all(ctl_importer *importer, ctl_source *source, const todo_user *owner)
{
    ctl_progress progress;
    ctl_record record;
    input_result result = INPUT_OK;
    int code = 0;
    progress_begin(&progress, dry_run ? "looked at" : "imported", source->size);
    while (code == 0 && (result = source->format->read(&source->reader, &record)) == INPUT_OK) {
        code = import_record(importer, source, &record, owner);
        progress_update(&progress, source->reader.input.offset, importer->added + importer->known);
    }
    progress_end(&progress);
    /* What was read before something that is wrong is good. */
    int flushed = importer_flush(importer);
    if (code == 0 && flushed == 0 && result == INPUT_BAD)
        return bad_record(source, source->reader.problem);
    return code != 0 ? code : flushed;
}

static void print_counts(const ctl_context *context, const ctl_importer *importer)
{
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "added", json_object_new_uint64(importer->added));
        json_object_object_add(object, "known", json_object_new_uint64(importer->known));
        if (importer->trashed > 0)
            json_object_object_add(object, "trashed", json_object_new_uint64(importer->trashed));
        json_object_object_add(object, "dry_run", json_object_new_boolean(dry_run));
        print_object(object);
        return;
    }
    printf("%s %llu todo%s; %llu %s there already", dry_run ? "Would import" : "Imported",
           (unsigned long long)importer->added, importer->added == 1 ? "" : "s",
           (unsigned long long)importer->known, importer->known == 1 ? "was" : "were");
    if (importer->trashed > 0)
        printf(", %llu in the trash", (unsigned long long)importer->trashed);
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
        print_counts(context, &importer);
    importer_clear(&importer);
    todo_user_unref(owner);
    close_source(&source);
    return code;
}

static const option_spec options[] = {
    {"user", 'u', "USER", "give them all to this user, by e-mail or id", &user_option, NULL},
    {"format", 'f', "FORMAT", "jsonl, csv or icalendar (by the file's name, or jsonl)", &format_option, NULL},
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

const command_group group_import = {"import", "Todos on the way in", true, commands, false};
