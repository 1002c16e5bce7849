/* todoctl export: the todos of one user or of all, into a file or a pipe, in as much memory as one page takes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "format.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "temporary.h"

static const char *user_option;
static const char *format_option;
static const char *output;
static bool all_users;
static bool with_deleted;

typedef struct ctl_exporter {
    const record_format *format;
    FILE *out;
    todo_buffer *scratch;
    ctl_progress progress;
    uint64_t count;
} ctl_exporter;

static todo_status write_item(void *arg, const todo_item *item)
{
    ctl_exporter *exporter = arg;
    exporter->format->write(exporter->out, exporter->scratch, item);
    exporter->count++;
    progress_update(&exporter->progress, 0, exporter->count);
    return ferror(exporter->out) ? TODO_ERR_INTERNAL : TODO_OK;
}

/* Oldest first, so that what is added meanwhile comes behind, and the same todos always give the same bytes. */
static int export_list(ctl_context *context, ctl_exporter *exporter, const todo_uuid *user, bool deleted)
{
    todo_error error = TODO_ERROR_INIT;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_cursor next;
    bool more = true;
    query.ascending = true;
    query.limit = TODO_LIST_MAX;
    query.deleted = deleted;
    while (more) {
        todo_call call = access_call(context);
        if (todo_queries_each(todo_store_queries(context->store), &call, user, &query, write_item, exporter,
                              &more, &next, &error) != TODO_OK) {
            progress_end(&exporter->progress);
            return ferror(exporter->out)
                       ? fail(EXIT_FAILED, "another --output", "cannot write: %s", strerror(errno))
                       : fail_error(&error, NULL, "cannot read the todos");
        }
        query.after = &next;
    }
    return 0;
}

/* The trash comes behind the rest. */
static int export_user(ctl_context *context, ctl_exporter *exporter, const todo_uuid *user)
{
    int code = export_list(context, exporter, user, false);
    return code == 0 && with_deleted ? export_list(context, exporter, user, true) : code;
}

static int get_users(ctl_context *context, access_ids *users)
{
    if (all_users)
        return access_all_users(context, users);
    const todo_user *user = NULL;
    int code = access_owner(context, user_option, &user);
    if (code == 0) {
        access_add_id(users, &user->id);
        todo_user_unref(user);
    }
    return code;
}

static int write_all(ctl_context *context, ctl_exporter *exporter, const access_ids *users)
{
    int code = 0;
    need_memory(todo_buffer_new(&exporter->scratch, NULL) == TODO_OK ? exporter->scratch : NULL);
    progress_begin(&exporter->progress, "exported", 0);
    if (isatty(fileno(exporter->out)))
        exporter->progress.shown = false; /* two can't draw on one terminal */
    exporter->format->write_head(exporter->out);
    for (size_t i = 0; i < users->count && code == 0; i++)
        code = export_user(context, exporter, &users->ids[i]);
    exporter->format->write_tail(exporter->out);
    progress_end(&exporter->progress);
    todo_buffer_free(exporter->scratch);
    return code;
}

static int cannot_write(void)
{
    return fail(EXIT_FAILED, "another --output", "cannot write %s: %s", output, strerror(errno));
}

static void print_count(const ctl_context *context, uint64_t count)
{
    if (context->json)
        printf("{\"exported\":%llu}\n", (unsigned long long)count);
    else
        printf("Exported %llu todo%s.\n", (unsigned long long)count, count == 1 ? "" : "s");
}

/* Where the links lead that `path` may be; it need not be there. -1 with errno. */
static int follow_links(const char *path, char target[PATH_MAX])
{
    char link[PATH_MAX];
    struct stat status;
    snprintf(target, PATH_MAX, "%s", path);
    for (int count = 0; lstat(target, &status) == 0 && S_ISLNK(status.st_mode); count++) {
        char *slash = strrchr(target, '/');
        size_t folder = slash != NULL ? (size_t)(slash + 1 - target) : 0;
        ssize_t length = readlink(target, link, sizeof(link) - 1);
        if (length < 0 || count == 40 || folder + (size_t)length >= PATH_MAX) {
            errno = length < 0 ? errno : ELOOP;
            return -1;
        }
        link[length] = '\0';
        if (link[0] == '/')
            folder = 0;
        memcpy(target + folder, link, (size_t)length + 1);
    }
    return 0;
}

/* Opens what the todos are written into; `ret_target` is the file that takes its name in the end, or "" for none. */
static FILE *open_output(char ret_target[PATH_MAX])
{
    struct stat status;
    int fd;
    if (stat(output, &status) == 0 && !S_ISREG(status.st_mode)) {
        ret_target[0] = '\0';
        fd = open(output, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    } else {
        fd = follow_links(output, ret_target) == 0 ? temporary_make(ret_target) : -1;
    }
    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

/*
 * Writes beside a regular file and puts it in its place when all of it is on the disk: there is never half a file. A device or
 * a pipe is written into.
 */
static int write_file(ctl_context *context, ctl_exporter *exporter, const access_ids *users)
{
    char target[PATH_MAX];
    exporter->out = open_output(target);
    if (exporter->out == NULL)
        return cannot_write();
    int code = write_all(context, exporter, users);
    bool written = fflush(exporter->out) == 0 && !ferror(exporter->out) &&
                   (target[0] == '\0' || fsync(fileno(exporter->out)) == 0);
    written = fclose(exporter->out) == 0 && written;
    if (code == 0)
        code = access_finish(context);
    if (code == 0 && (!written || (target[0] != '\0' && temporary_keep(target) != 0)))
        code = cannot_write();
    temporary_remove();
    if (code == 0)
        print_count(context, exporter->count);
    return code;
}

/* Whether --output names what standard output is, such as /dev/stdout: then the todos alone go there. */
static bool is_stdout(void)
{
    struct stat named, standard;
    return stat(output, &named) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
           named.st_dev == standard.st_dev && named.st_ino == standard.st_ino;
}

static int run_export(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    ctl_exporter exporter = {.format = format_find(format_option, output), .out = stdout};
    access_ids users = {NULL, 0, 0};
    if (exporter.format == NULL)
        return fail(EXIT_USAGE, "--format jsonl, csv or icalendar", "there is no format %s", format_option);
    if (all_users && user_option != NULL)
        return fail(EXIT_USAGE, "one of them", "--user and --all-users exclude each other");
    int code = access_open(context, TODO_STORE_READ);
    code = code != 0 ? code : get_users(context, &users);
    if (code == 0)
        code = output != NULL && !is_stdout() ? write_file(context, &exporter, &users)
                                              : write_all(context, &exporter, &users);
    free(users.ids);
    return code;
}

static const option_spec options[] = {
    {"user", 'u', "USER", "whose, by e-mail or id (TODO_USER)", &user_option, NULL},
    {"all-users", 0, NULL, "the todos of all users", NULL, &all_users},
    {"deleted", 0, NULL, "those in the trash too", NULL, &with_deleted},
    {"format", 'f', "FORMAT", "jsonl, csv or icalendar (by the file's name, or jsonl)", &format_option, NULL},
    {"output", 'O', "FILE", "write into FILE, which appears when it is whole", &output, NULL},
    OPTION_END,
};

static const ctl_command commands[] = {
    {NULL, "", "Write todos as JSON Lines, CSV or iCalendar",
     "Oldest first. Accounts and passwords are not part of it.", options, 0, 0, run_export},
    {.run = NULL},
};

const command_group group_export = {"export", "Todos on the way out", true, commands, false, false};
