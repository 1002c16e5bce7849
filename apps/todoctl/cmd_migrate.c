/* todoctl migrate: the schema of the store. */
#include <string.h>

#include "access.h"
#include "number.h"
#include "output.h"
#include "report.h"

static const char *target_option;
static bool lose_data;
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
    int code = dry_run ? access_open_or_none(context) : access_open_raw(context, TODO_STORE_CREATE);
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

/* What goes with a migration that is taken back. */
static const char *loss_text(const todo_migration *migration)
{
    if (!migration->reversible)
        return "can't be taken back";
    return migration->loss != NULL ? migration->loss : "nothing";
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
        json_object_object_add(object, "reversible", json_object_new_boolean(migration->reversible));
        json_object_object_add(object, "loss",
                               migration->loss != NULL ? json_object_new_string(migration->loss) : NULL);
        list_add_object(list, object);
        return;
    }
    char number[16];
    char when[TIME_TEXT_SIZE] = "pending";
    snprintf(number, sizeof(number), "%u", migration->number);
    if (migration->applied)
        time_for_people(migration->applied_at, when);
    table_add(list->table, (const char *const[]){number, when, migration->name, loss_text(migration)});
}

static int run_status(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open_raw(context, TODO_STORE_READ);
    if (code != 0)
        return code;
    static const char *const headers[] = {"NUMBER", "APPLIED", "NAME", "LOST WHEN TAKEN BACK"};
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    list_output list;
    list_begin(&list, context->json, headers, 4);
    todo_status status = todo_store_migrations(context->store, &call, add_migration, &list, &error);
    list_end(&list);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot read the state of the schema");
}

/* ---- down ---- */

/* What taking migrations back comes to. */
typedef struct ctl_plan {
    unsigned count;
    uint32_t number;  /* of the first that loses something; 0: none does */
    char losses[512]; /* of all together, such as "2 todos in the trash and 3 users" */
} ctl_plan;

static void add_to_plan(void *arg, const todo_migration *migration)
{
    ctl_plan *plan = arg;
    plan->count++;
    if (migration->loss == NULL)
        return;
    size_t length = strlen(plan->losses);
    snprintf(plan->losses + length, sizeof(plan->losses) - length, "%s%s", length > 0 ? ", and " : "",
             migration->loss);
    if (plan->number == 0)
        plan->number = migration->number;
}

static void count_applied(void *arg, const todo_migration *migration)
{
    uint32_t *applied = arg;
    *applied += migration->applied;
}

/* The number of the last migration to keep: that of --to, or all but one. */
static int read_target(ctl_context *context, uint32_t *ret_target)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    uint32_t applied = 0;
    uint64_t target;
    if (todo_store_migrations(context->store, &call, count_applied, &applied, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot read the state of the schema");
    target = applied > 0 ? applied - 1 : 0;
    if (target_option != NULL && !parse_number(target_option, 0, applied, &target))
        return fail(EXIT_USAGE, "todoctl migrate status", "%s is no migration from 0 to %u", target_option,
                    applied);
    *ret_target = (uint32_t)target;
    return 0;
}

/* Says what would be lost, and lets the administrator decide. */
static int ask(const ctl_context *context, const ctl_plan *plan)
{
    if (plan->number != 0 && !lose_data)
        return fail(EXIT_CONFLICT, "todoctl export --all-users for a copy, then --lose-data",
                    "taking migration %u back loses %s", plan->number, plan->losses);
    return access_confirm(context, "Take back %u migration%s, and lose %s?", plan->count,
                          plan->count == 1 ? "" : "s", plan->number != 0 ? plan->losses : "nothing");
}

static void add_taken_back(void *arg, const todo_migration *migration)
{
    list_output *list = arg;
    if (list->json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "number", json_object_new_int64(migration->number));
        json_object_object_add(object, "name", json_object_new_string(migration->name));
        json_object_object_add(object, "loss",
                               migration->loss != NULL ? json_object_new_string(migration->loss) : NULL);
        list_add_object(list, object);
        return;
    }
    char number[16];
    snprintf(number, sizeof(number), "%u", migration->number);
    table_add(list->table, (const char *const[]){number, migration->name, loss_text(migration)});
}

static int revert(const ctl_context *context, const todo_revert_options *options, todo_migration_visit visit,
                  void *arg)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = TODO_CALL_INIT; /* no deadline, as for up */
    return todo_store_revert(context->store, &call, options, visit, arg, &error) == TODO_OK
               ? 0
               : fail_error(&error, NULL, "cannot take the migrations back");
}

static int run_down(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    static const char *const headers[] = {"NUMBER", "NAME", "LOST"};
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;
    ctl_plan plan = {.count = 0};
    list_output list;
    int code = access_open_raw(context, dry_run ? TODO_STORE_READ : TODO_STORE_EXISTING);
    code = code != 0 ? code : read_target(context, &options.target);
    options.dry_run = true;
    code = code != 0 ? code : revert(context, &options, add_to_plan, &plan);
    if (code == 0 && !dry_run && plan.count > 0)
        code = ask(context, &plan);
    if (code != 0)
        return code;
    options.dry_run = dry_run;
    options.lose_data = lose_data;
    list_begin(&list, context->json, headers, 3);
    code = revert(context, &options, add_taken_back, &list);
    list_end(&list);
    if (code == 0 && !context->json && (dry_run || plan.count == 0))
        puts("Nothing was taken back.");
    return code;
}

static const option_spec down_options[] = {
    {"to", 0, "NUMBER", "the last migration to keep; 0 keeps none (all but one)", &target_option, NULL},
    {"lose-data", 0, NULL, "also those that data goes with", NULL, &lose_data},
    {"dry-run", 'n', NULL, "only say which, and what would be lost", NULL, &dry_run},
    OPTION_END,
};

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
    {.name = "down",
     .arguments = "",
     .summary = "Take migrations back, for an older version",
     .help = "The latest, or all after that of --to. Asks first, unless told --yes. Stop the servers before.",
     .options = down_options,
     .run = run_down},
    {.name = "status", .arguments = "", .summary = "Show which migrations the store has", .run = run_status},
    {.run = NULL},
};

const command_group group_migrate = {"migrate", "The schema of the store", true, commands, false, false};
