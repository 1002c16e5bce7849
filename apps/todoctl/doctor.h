/* What doctor's checks report to. */
#ifndef TODOCTL_DOCTOR_H
#define TODOCTL_DOCTOR_H

#include "access.h"
#include "output.h"

typedef enum ctl_finding { FINDING_OK, FINDING_WARNING, FINDING_BROKEN } ctl_finding;

typedef struct ctl_doctor {
    ctl_context *context;
    unsigned counts[3];  /* of each finding */
    json_object *checks; /* with --json: an array */
    json_object *last;   /* the latest of them, to which a check may add members; NULL without --json */
} ctl_doctor;

/* Reports what a check found; `next` is the step to try, NULL when it is fine. */
void doctor_report(ctl_doctor *doctor, ctl_finding finding, const char *check, const char *next,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The environment's settings and secrets. */
void doctor_check_settings(ctl_doctor *doctor);
/* The clock: set, kept by the kernel. */
void doctor_check_clock(ctl_doctor *doctor);
/* The store: the embedded file, each part of the store, the schema. */
void doctor_check_store(ctl_doctor *doctor);
/* A server (the core or the edge) by its /health. NULL: not asked for. */
void doctor_check_server(ctl_doctor *doctor, const char *name, const char *url);

#endif
