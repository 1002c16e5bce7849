/* todoctl migrate: the schema of the store. */
#include "access.h"
#include "output.h"
#include "report.h"

static bool dry_run;

static void count_pending(void *arg, const todo_migration *migration)
{
    uint32_t *pending = arg;
    *pending += !migration->applied;
}

static int run_up(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open_raw(context);
    if (code != 0)
        return code;
    todo_error error = TODO_ERROR_INIT;
    uint32_t applied = 0;
    todo_call call = TODO_CALL_INIT; /* no deadline: a big table takes as long as it takes */
    todo_status status = dry_run
                             ? todo_store_migrations(context->store, &call, count_pending, &applied, &error)
                             : todo_store_migrate(context->store, &call, &applied, &error);
    if (status != TODO_OK)
        return fail_error(&error, NULL, "cannot migrate the store");
    if (context->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, dry_run ? "pending" : "applied", json_object_new_int64(applied));
        print_object(object);
    } else if (applied == 0) {
        puts("The schema is up to date.");
    } else {
        printf("%s %u migration%s.\n", dry_run ? "Would apply" : "Applied", applied, applied == 1 ? "" : "s");
    }
    return 0;
}

static void add_migration(void *arg, const todo_migration *migration)
{
    list_output *list = arg;
    if (list->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "number", json_object_new_int64(migration->number));
        json_object_object_add(object, "name", json_object_new_string(migration->name));
        json_object_object_add(object, "applied", json_object_new_boolean(migration->applied));
        json_object_object_add(object, "applied_at", json_time(migration->applied_at));
        list_add_object(list, object);
        return;
    }
    char number[16];
    char when[TIME_TEXT_SIZE] = "pending";
    snprintf(number, sizeof(number), "%u", migration->number);
    if (migration->applied)
        time_for_people(migration->applied_at, when);
    table_add(list->table, (const char *const[]){number, when, migration->name});
}

static int run_status(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open_raw(context);
    if (code != 0)
        return code;
    static const char *const headers[] = {"NUMBER", "APPLIED", "NAME"};
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    list_output list;
    list_begin(&list, context->json, headers, 3);
    todo_status status = todo_store_migrations(context->store, &call, add_migration, &list, &error);
    list_end(&list);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot read the state of the schema");
}

static const option_spec up_options[] = {
    {"dry-run", 'n', NULL, "only say how many would be applied", NULL, &dry_run},
    OPTION_END,
};

static const ctl_command commands[] = {
    {.name = "up",
     .arguments = "",
     .summary = "Bring the store's schema up to date (the default)",
     .help = "Makes the embedded store if there is none.",
     .options = up_options,
     .run = run_up},
    {.name = "status", .arguments = "", .summary = "Show which migrations the store has", .run = run_status},
    {.run = NULL},
};

const command_group group_migrate = {"migrate", "The schema of the store", true, commands};
