/* doctor on the store. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "report.h"

/* A wrong setting needs another step than a server that is down. */
static bool is_misconfigured(const char *code)
{
    return strcmp(code, "database_misconfigured") == 0 || strcmp(code, "cache_misconfigured") == 0;
}

static void report_wrong_setting(ctl_doctor *doctor, const char *part, const char *where, const char *detail)
{
    doctor_report(doctor, FINDING_BROKEN, part,
                  "correcting what is named: in the URL (password, database, sslmode) or on the server",
                  "%s is reached but can't be used: %s", where, detail);
}

static void report_part(void *arg, const todo_store_part *part)
{
    ctl_doctor *doctor = arg;
    if (part->status == TODO_OK) {
        doctor_report(doctor, FINDING_OK, part->name, NULL, "%s at %s answers in %.1f ms", part->version,
                      part->url, (double)part->latency_us / 1000);
    } else if (is_misconfigured(part->code)) {
        report_wrong_setting(doctor, part->name, part->url, part->detail);
    } else {
        bool cache = strcmp(part->name, "cache") == 0;
        doctor_report(
            doctor, FINDING_BROKEN, part->name,
            cache ? "starting Redis, or another REDIS_URL (requests are served without it, but slower)"
                  : "starting the database, or another URL",
            "no answer from %s%s%s", part->url, part->detail[0] != '\0' ? ": " : "", part->detail);
    }
    if (doctor->last != NULL) {
        json_object_object_add(doctor->last, "url", json_object_new_string(part->url));
        json_object_object_add(doctor->last, "version", json_object_new_string(part->version));
        json_object_object_add(doctor->last, "latency_us", json_object_new_int64(part->latency_us));
    }
}

typedef struct ctl_schema {
    unsigned known;
    unsigned applied;
} ctl_schema;

static void count_migration(void *arg, const todo_migration *migration)
{
    ctl_schema *schema = arg;
    schema->known++;
    schema->applied += migration->applied;
}

static void check_schema(ctl_doctor *doctor)
{
    todo_error error = TODO_ERROR_INIT;
    ctl_schema schema = {0, 0};
    todo_call call = access_call(doctor->context);
    if (todo_store_migrations(doctor->context->store, &call, count_migration, &schema, &error) != TODO_OK) {
        doctor_report(doctor, FINDING_BROKEN, "schema", "todoctl migrate status", "%s%s%s", error.message,
                      error.detail[0] != '\0' ? ": " : "", error.detail);
    } else if (schema.applied < schema.known) {
        doctor_report(doctor, FINDING_BROKEN, "schema", "todoctl migrate", "%u of %u migrations are pending",
                      schema.known - schema.applied, schema.known);
    } else {
        doctor_report(doctor, FINDING_OK, "schema", NULL, "up to date (%u migration%s)", schema.known,
                      schema.known == 1 ? "" : "s");
    }
}

/* The embedded store's file, and its directory, where SQLite keeps the journal. True: it is there to be opened. */
static bool check_file(ctl_doctor *doctor, const char *path)
{
    struct stat status;
    char next[600];
    if (stat(path, &status) != 0) {
        int missing = errno;
        doctor_report(doctor, missing == ENOENT ? FINDING_WARNING : FINDING_BROKEN, "file",
                      missing == ENOENT ? "todoctl migrate" : "another path, or as another user", "%s: %s",
                      path, strerror(missing));
        return false;
    }
    char *copy = need_memory(strdup(path));
    const char *directory = dirname(copy);
    if (access(path, R_OK | W_OK) != 0 || access(directory, W_OK | X_OK) != 0) {
        snprintf(next, sizeof(next), "running as the owner, or chown -R of %.500s", directory);
        doctor_report(doctor, FINDING_BROKEN, "file", next,
                      "%s, or its directory, is not writable for this user", path);
    } else if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        snprintf(next, sizeof(next), "chmod 600 %.500s", path);
        doctor_report(doctor, FINDING_WARNING, "file", next,
                      "%s has mode %03o: others can get at the todos and hashes", path,
                      (unsigned)status.st_mode & 0777);
    } else {
        doctor_report(doctor, FINDING_OK, "file", NULL, "%s, mode %03o, %lld KiB", path,
                      (unsigned)status.st_mode & 0777, (long long)status.st_size / 1024);
    }
    free(copy);
    return true;
}

static void check_parts(ctl_doctor *doctor, const store_settings *settings)
{
    todo_error error = TODO_ERROR_INIT;
    todo_store_options options = settings->options;
    options.mode = TODO_STORE_READ;
    if (todo_store_open(&options, &doctor->context->store, &error) != TODO_OK) {
        if (is_misconfigured(error.code)) {
            report_wrong_setting(doctor, "writer", "the database", error.detail);
            return;
        }
        doctor_report(doctor, FINDING_BROKEN, "writer",
                      strcmp(error.code, "store_missing") == 0
                          ? "todoctl migrate"
                          : "starting the database, or another DATABASE_WRITER_URL",
                      "cannot open the store: %s%s%s", error.message, error.detail[0] != '\0' ? ": " : "",
                      error.detail);
        return;
    }
    todo_call call = access_call(doctor->context);
    todo_store_probe(doctor->context->store, &call, report_part, doctor, &error);
    check_schema(doctor);
}

void doctor_check_store(ctl_doctor *doctor)
{
    store_settings settings;
    char problem[1024]; /* reported with the settings */
    if (store_settings_find(doctor->context, &settings, problem, sizeof(problem))) {
        if (settings.path == NULL || check_file(doctor, settings.path))
            check_parts(doctor, &settings);
        store_settings_wipe(&settings);
    }
}
