/* todoctl db: looking after what is stored. */
#include "access.h"
#include "output.h"
#include "report.h"

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
    int code = access_open(context, false);
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
               : fail(EXIT_FAILED, "a backup, or mending what is named", "the store has %u flaw%s",
                      findings.count, findings.count == 1 ? "" : "s");
}

static int run_vacuum(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open(context, false);
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

static const ctl_command commands[] = {
    {"check", "", "Look whether what is stored is whole",
     "Reads everything, and changes nothing. The exit code is 1 when there is a flaw.", NULL, 0, 0,
     run_check},
    {"vacuum", "", "Give unused space back and renew the planner's statistics",
     "Changes to the embedded store wait meanwhile.", NULL, 0, 0, run_vacuum},
    {.run = NULL},
};

const command_group group_db = {"db", "What is stored", false, commands, false};
