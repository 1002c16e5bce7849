/* todoctl doctor: what can be reached, what is misconfigured, and what to do about it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "report.h"

static const char *edge_url;
static const char *core_url;

static const char *const finding_names[] = {"ok", "warning", "broken"};

static void print_finding(ctl_finding finding, const char *check, const char *next, const char *message)
{
    static const char *const colour[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    bool coloured = colours(stdout);
    printf("%s%-8s%s %-12s %s\n", coloured ? colour[finding] : "", finding_names[finding],
           coloured ? "\033[0m" : "", check, message);
    if (next != NULL)
        printf("%-21s try: %s\n", "", next);
}

void doctor_report(ctl_doctor *doctor, ctl_finding finding, const char *check, const char *next,
                   const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    make_printable(message);
    doctor->counts[finding]++;
    if (doctor->checks == NULL) {
        print_finding(finding, check, next, message);
        return;
    }
    doctor->last = need_memory(json_object_new_object());
    json_object_object_add(doctor->last, "check", json_object_new_string(check));
    json_object_object_add(doctor->last, "finding", json_object_new_string(finding_names[finding]));
    json_object_object_add(doctor->last, "message", json_object_new_string(message));
    json_object_object_add(doctor->last, "try", next != NULL ? json_object_new_string(next) : NULL);
    json_object_array_add(doctor->checks, doctor->last);
}

static void check_versions(ctl_doctor *doctor)
{
    if (strcmp(todo_version(), TODO_VERSION_STRING) == 0) {
        doctor_report(doctor, FINDING_OK, "version", NULL, "todoctl %s, libtodo %s", TODO_VERSION_STRING,
                      todo_version());
    } else {
        doctor_report(doctor, FINDING_WARNING, "version", "installing both from the same release",
                      "todoctl %s runs with libtodo %s", TODO_VERSION_STRING, todo_version());
    }
}

static void check_servers(ctl_doctor *doctor)
{
    ctl_config config = doctor->context->config;
    config_value core;
    char problem[1024];
    config.options[SETTING_CORE] = core_url;
    if (!config_find(&config, SETTING_CORE, &core, problem, sizeof(problem)))
        doctor_report(doctor, FINDING_BROKEN, "core", "--core URL", "%s", problem);
    else if (core.secret.text != NULL)
        doctor_check_server(doctor, "core", core.secret.text);
    secret_wipe(&core.secret);
    if (edge_url != NULL)
        doctor_check_server(doctor, "edge", edge_url);
}

static int summary(ctl_doctor *doctor)
{
    unsigned broken = doctor->counts[FINDING_BROKEN];
    unsigned warnings = doctor->counts[FINDING_WARNING];
    if (doctor->checks != NULL && output_is_flat()) {
        list_output list;
        list_begin(&list, true, NULL, 0);
        for (size_t i = 0; i < json_object_array_length(doctor->checks); i++)
            list_add_object(&list, json_object_get(json_object_array_get_idx(doctor->checks, i)));
        list_end(&list);
        json_object_put(doctor->checks);
    } else if (doctor->checks != NULL) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, "healthy", json_object_new_boolean(broken == 0));
        json_object_object_add(object, "checks", doctor->checks);
        print_object(object);
    } else {
        printf("\n%u ok, %u warning%s, %u broken\n", doctor->counts[FINDING_OK], warnings,
               warnings == 1 ? "" : "s", broken);
    }
    return broken == 0 ? 0 : EXIT_FAILED;
}

static int run_doctor(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    ctl_doctor doctor = {.context = context};
    if (context->json)
        doctor.checks = need_memory(json_object_new_array());
    check_versions(&doctor);
    doctor_check_settings(&doctor);
    doctor_check_clock(&doctor);
    doctor_check_store(&doctor);
    check_servers(&doctor);
    return summary(&doctor);
}

static const option_spec options[] = {
    {"core", 0, "URL", "also look at the core, such as http://127.0.0.1:3001 (CORE_URL)", &core_url, NULL},
    {"edge", 0, "URL", "also look at the edge, such as http://127.0.0.1:3000", &edge_url, NULL},
    OPTION_END,
};

static const ctl_command commands[] = {
    {NULL, "", "Say what can be reached and what is misconfigured",
     "Changes nothing. Each finding comes with the next step to try; the exit code is 1 when something is "
     "broken.",
     options, 0, 0, run_doctor},
    {.run = NULL},
};

const command_group group_doctor = {"doctor", "The state of an installation", true, commands, false, false};
