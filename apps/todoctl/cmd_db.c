/* todoctl db: looking after what is stored. */
#include <string.h>

#include "access.h"
#include "number.h"
#include "output.h"
#include "report.h"

#define TRASH_DAYS "30d" /* for how long what was removed is kept, as a rule */

static const char *older_than;
static const char *user_option;
static bool dry_run;

typedef struct ctl_findings {
    json_object *flaws; /* with --json */
    unsigned count;
} ctl_findings;

static void add_flaw(void *arg, const char *flaw)
{
    ctl_findings *findings = arg;
    findings->count++;
    if (findings->flaws != NULL) {
        json_object_array_add(findings->flaws, need_memory(json_object_new_string(flaw)));
        return;
    }
    char text[512];
    snprintf(text, sizeof(text), "%s", flaw);
    make_printable(text);
    puts(text);
}

/* As a list. */
static void print_flaws(json_object *flaws)
{
    list_output list;
    list_begin(&list, true, NULL, 0);
    for (size_t i = 0; i < json_object_array_length(flaws); i++) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "flaw", json_object_get(json_object_array_get_idx(flaws, i)));
        list_add_object(&list, object);
    }
    list_end(&list);
    json_object_put(flaws);
}

static int run_check(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open(context, TODO_STORE_READ);
    if (code != 0)
        return code;
    ctl_findings findings = {.flaws = context->json ? need_memory(json_object_new_array()) : NULL};
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo_store_check(context->store, NULL, add_flaw, &findings, &error);
    if (status != TODO_OK) {
        json_object_put(findings.flaws);
        return fail_error(&error, NULL, "cannot check the store");
    }
    if (context->json && output_is_flat()) {
        print_flaws(findings.flaws);
    } else if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "whole", json_object_new_boolean(findings.count == 0));
        json_object_object_add(object, "flaws", findings.flaws);
        print_object(object);
    } else if (findings.count == 0) {
        puts("The store is whole.");
    }
    return findings.count == 0
               ? 0
               : fail(EXIT_FAILED, "a backup, or repairing what is named", "the store has %u flaw%s",
                      findings.count, findings.count == 1 ? "" : "s");
}

static int run_vacuum(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open(context, TODO_STORE_EXISTING);
    if (code != 0)
        return code;
    todo_error error = TODO_ERROR_INIT;
    if (todo_store_vacuum(context->store, NULL, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot vacuum the store");
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "vacuumed", json_object_new_boolean(true));
        print_object(object);
    } else {
        puts("Vacuumed.");
    }
    return 0;
}

/* What was removed before this time is to go. Of --older-than 0 all is, whatever the clocks say. */
static int read_age(todo_time *ret_before)
{
    const char *text = older_than != NULL ? older_than : TRASH_DAYS;
    int64_t seconds;
    *ret_before = INT64_MAX;
    if (strcmp(text, "0") == 0)
        return 0;
    if (!parse_duration(text, &seconds))
        return fail(EXIT_USAGE, "--older-than 30d, 12h or 0", "%s is no time to keep the trash for", text);
    *ret_before = todo_time_now() - seconds * 1000000;
    return 0;
}

/* In batches, each a transaction with a deadline of its own, so that others need not wait for all of it. */
static int purge(ctl_context *context, const todo_uuid *user, todo_time before, uint64_t *purged)
{
    todo_error error = TODO_ERROR_INIT;
    uint32_t some;
    do {
        todo_call call = access_call(context);
        if (todo_commands_purge(todo_store_commands(context->store), &call, user, before, TODO_PURGE_MAX,
                                &some, &error) != TODO_OK)
            return fail_error(&error, "running the command again; what was purged is gone",
                              "cannot purge the trash, after %llu todos", (unsigned long long)*purged);
        *purged += some;
    } while (some == TODO_PURGE_MAX);
    return 0;
}

static void print_purged(const ctl_context *context, uint64_t count)
{
    print_todo_count(context->json, dry_run, "purged", dry_run ? "Would purge" : "Purged", count);
}

static int count_and_purge(ctl_context *context, const todo_uuid *user, todo_time before)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    uint64_t count, purged = 0;
    int code = 0;
    if (todo_queries_count_trash(todo_store_queries(context->store), &call, user, before, &count, &error) !=
        TODO_OK)
        return fail_error(&error, NULL, "cannot look into the trash");
    if (dry_run || count == 0) {
        print_purged(context, count);
        return 0;
    }
    code = access_confirm(context, "Remove %llu todo%s in the trash for good?", (unsigned long long)count,
                          count == 1 ? "" : "s");
    code = code != 0 ? code : purge(context, user, before, &purged);
    if (code == 0)
        print_purged(context, purged);
    return code;
}

static int run_purge(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    const todo_user *user = NULL;
    todo_time before;
    int code = read_age(&before);
    code = code != 0 ? code : access_open(context, dry_run ? TODO_STORE_READ : TODO_STORE_EXISTING);
    if (code == 0 && user_option != NULL)
        code = access_user(context, user_option, &user);
    if (code == 0)
        code = count_and_purge(context, user != NULL ? &user->id : NULL, before);
    todo_user_unref(user);
    return code;
}

static const option_spec purge_options[] = {
    {"older-than", 0, "AGE", "what was removed so long ago, such as 12h; 0: all (" TRASH_DAYS ")",
     &older_than, NULL},
    {"user", 'u', "USER", "only theirs, by e-mail or id", &user_option, NULL},
    {"dry-run", 'n', NULL, "only say how many there are", NULL, &dry_run},
    OPTION_END,
};

static const ctl_command commands[] = {
    {"check", "", "Look whether what is stored is whole",
     "Reads everything, and changes nothing. The exit code is 1 when there is a flaw.", NULL, 0, 0,
     run_check},
    {"vacuum", "", "Give unused space back and renew the planner's statistics",
     "Changes to the embedded store wait meanwhile.", NULL, 0, 0, run_vacuum},
    {"purge", "", "Remove for good what has been in the trash for long", "Asks before, unless told --yes.",
     purge_options, 0, 0, run_purge},
    {.run = NULL},
};

const command_group group_db = {"db", "What is stored", false, commands, false, false};
