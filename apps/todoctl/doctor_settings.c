/* doctor on settings, secrets and the clock. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "doctor.h"
#include "token_keys.h"
#include "url_secret.h"

#define SECRET_MIN   32 /* bytes: the key of HS256 is at least as long as its hash (RFC 7518, 3.2) */
#define DISTINCT_MIN 8  /* different bytes: fewer are no random secret */

#define NEW_SECRET   "todoctl token keygen --output FILE, and FILE in JWT_SECRET_FILE or EDGE_SECRET_FILE"

static size_t distinct_bytes(const ctl_secret *secret)
{
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < secret->length; i++) {
        unsigned char byte = (unsigned char)secret->text[i];
        count += !seen[byte];
        seen[byte] = true;
    }
    return count;
}

/* A file that others may read keeps no secret. */
static void check_file_mode(ctl_doctor *doctor, const char *path)
{
    struct stat status;
    if (path[0] != '\0' && stat(path, &status) == 0 && (status.st_mode & S_IROTH) != 0) {
        char next[600];
        snprintf(next, sizeof(next), "chmod 600 %.500s", path);
        doctor_report(doctor, FINDING_WARNING, "settings", next, "every user of this machine can read %s",
                      path);
    }
}

/* The configuration file matters if it has a secret itself. */
static void check_config(ctl_doctor *doctor)
{
    const ctl_config *config = &doctor->context->config;
    bool secrets = false;
    if (config->file == NULL)
        return;
    for (ctl_setting i = 0; i < SETTING_COUNT; i++) {
        for (int chosen = 0; chosen < 2; chosen++) {
            const char *text = chosen ? config->chosen.values[i] : config->defaults.values[i];
            secrets = secrets || (text != NULL && (i == SETTING_JWT_SECRET || i == SETTING_JWT_SIGNING_KEY ||
                                                   i == SETTING_EDGE_SECRET || url_has_secret(text)));
        }
    }
    doctor_report(doctor, FINDING_OK, "settings", NULL, "profile %s of %s",
                  config->profile != NULL ? config->profile : "default", config->file);
    if (secrets)
        check_file_mode(doctor, config->file);
}

static void check_secret(ctl_doctor *doctor, ctl_setting setting, bool needed, config_value *value)
{
    const char *name = config_name(setting);
    char problem[1024];
    if (!config_find(&doctor->context->config, setting, value, problem, sizeof(problem))) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", "a readable file, owned by who runs the server",
                      "%s", problem);
    } else if (value->secret.text == NULL) {
        if (needed)
            doctor_report(doctor, FINDING_WARNING, "secrets", NEW_SECRET,
                          "%s is not set here: todo-server refuses to start without it, but for --dev", name);
    } else if (value->secret.length < SECRET_MIN) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", NEW_SECRET,
                      "%s has %zu bytes: fewer than %d can be guessed", name, value->secret.length,
                      SECRET_MIN);
    } else if (distinct_bytes(&value->secret) < DISTINCT_MIN) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", NEW_SECRET, "%s is not random", name);
    } else {
        doctor_report(doctor, FINDING_OK, "secrets", NULL, "%s comes from %s", name, value->source);
    }
    check_file_mode(doctor, value->path);
}

/* The key that tokens are signed with instead of JWT_SECRET. Whether it is set. */
static bool check_signing_key(ctl_doctor *doctor)
{
    static const char next[] =
        "todoctl token keygen --alg EdDSA --output FILE, and FILE in JWT_SIGNING_KEY_FILE";
    config_value value;
    char problem[1024];
    todo_error error = TODO_ERROR_INIT;
    todo_token_key *key = NULL;
    bool found =
        config_find(&doctor->context->config, SETTING_JWT_SIGNING_KEY, &value, problem, sizeof(problem));
    bool set = !found || value.secret.text != NULL;
    if (!found) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", "a readable file, owned by who runs the server",
                      "%s", problem);
    } else if (set &&
               todo_token_key_parse(value.secret.text, value.secret.length, NULL, &key, &error) != TODO_OK) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", next, "JWT_SIGNING_KEY: %s", error.message);
    } else if (set && !todo_token_key_can_sign(key)) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", next,
                      "JWT_SIGNING_KEY is a public key, which can't sign");
    } else if (set) {
        const char *id = todo_token_key_id(key);
        doctor_report(doctor, FINDING_OK, "secrets", NULL, "JWT_SIGNING_KEY (%s%s%s) comes from %s",
                      token_algorithm_name(todo_token_key_algorithm(key)), id != NULL ? ", kid " : "",
                      id != NULL ? id : "", value.source);
    }
    check_file_mode(doctor, value.path);
    todo_token_key_free(key);
    secret_wipe(&value.secret);
    return set;
}

static void check_url(ctl_doctor *doctor, ctl_setting setting)
{
    config_value value;
    char problem[1024];
    if (!config_find(&doctor->context->config, setting, &value, problem, sizeof(problem))) {
        doctor_report(doctor, FINDING_BROKEN, "settings", CONFIG_NEXT, "%s", problem);
    } else if (value.secret.text != NULL) {
        doctor_report(doctor, FINDING_OK, "settings", NULL, "%s comes from %s", config_name(setting),
                      value.source);
        if (url_has_secret(value.secret.text))
            check_file_mode(doctor, value.path);
    }
    secret_wipe(&value.secret);
}

void doctor_check_settings(ctl_doctor *doctor)
{
    config_value jwt, edge;
    check_config(doctor);
    check_url(doctor, SETTING_STORE);
    check_url(doctor, SETTING_READER);
    check_url(doctor, SETTING_CACHE);
    check_secret(doctor, SETTING_JWT_SECRET, !check_signing_key(doctor), &jwt);
    check_secret(doctor, SETTING_EDGE_SECRET, true, &edge);
    if (jwt.secret.text != NULL && edge.secret.text != NULL &&
        strcmp(jwt.secret.text, edge.secret.text) == 0) {
        doctor_report(doctor, FINDING_BROKEN, "secrets", NEW_SECRET,
                      "JWT_SECRET and EDGE_SECRET are the same");
    }
    secret_wipe(&jwt.secret);
    secret_wipe(&edge.secret);
}

void doctor_check_clock(ctl_doctor *doctor)
{
    char now[TODO_TIME_TEXT_SIZE];
    todo_time earliest;
    struct timex state = {.modes = 0}; /* only asks */
    todo_time_format(todo_time_now(), now);
    /* The day this was written: a clock before it makes every token expired or not yet valid. */
    if (todo_time_parse("2026-11-24T00:00:00Z", &earliest, NULL) == TODO_OK && todo_time_now() < earliest) {
        doctor_report(doctor, FINDING_BROKEN, "clock", "setting it, by NTP", "it says %s, which has passed",
                      now);
    } else if (ntp_adjtime(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
        doctor_report(doctor, FINDING_WARNING, "clock", "timedatectl set-ntp true, or chrony",
                      "%s; the clock is not synchronized", now);
    } else {
        doctor_report(doctor, FINDING_OK, "clock", NULL, "%s, synchronised", now);
    }
}
