#include "adapters/migrations.h"

#include <stdio.h>

#define LOSS_SIZE 160

static void report(const todo__migration_source *source, bool applied, todo_time applied_at, const char *loss,
                   todo_migration_visit visit, void *arg)
{
    const todo_migration migration = {
        .size = sizeof(migration),
        .number = source->number,
        .name = source->name,
        .applied = applied,
        .applied_at = applied ? applied_at : 0,
        .reversible = source->down != NULL,
        .loss = loss,
    };

    visit(arg, &migration);
}

void todo__migration_report(const todo__migration_source *source, bool applied, todo_time applied_at,
                            todo_migration_visit visit, void *arg)
{
    report(source, applied, applied_at, source->loss, visit, arg);
}

void todo__migration_report_revert(const todo__migration_source *source, bool applied, todo_time applied_at,
                                   int64_t lost, todo_migration_visit visit, void *arg)
{
    char loss[LOSS_SIZE];

    if (visit == NULL)
        return;
    snprintf(loss, sizeof(loss), "%lld %s", (long long)lost, source->loss != NULL ? source->loss : "");
    report(source, applied, applied_at, lost > 0 ? loss : NULL, visit, arg);
}

todo_status todo__migration_may_revert(const todo__migration_source *source, int64_t lost, bool lose_data,
                                       todo_error *error)
{
    char detail[LOSS_SIZE + 80];

    if (source->down == NULL) {
        snprintf(detail, sizeof(detail), "migration %u (%s)", source->number, source->name);
        todo_error_set(error, TODO_ERR_UNSUPPORTED, "migration_irreversible", NULL,
                       "the migration can't be taken back");
        todo_error_set_detail(error, detail);
        return TODO_ERR_UNSUPPORTED;
    }
    if (lost <= 0 || lose_data)
        return TODO_OK;
    snprintf(detail, sizeof(detail), "migration %u (%s): %lld %s", source->number, source->name,
             (long long)lost, source->loss);
    todo_error_set(error, TODO_ERR_PRECONDITION, "migration_loses_data", NULL,
                   "taking the migration back loses data");
    todo_error_set_detail(error, detail);
    return TODO_ERR_PRECONDITION;
}
