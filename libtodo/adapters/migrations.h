/* The numbered migrations that embed.py compiles in, and what the adapters that apply them share. */
#ifndef TODO_ADAPTERS_MIGRATIONS_H
#define TODO_ADAPTERS_MIGRATIONS_H

#include <stdint.h>

#include <todo/store.h>

#include "util/export.h"

typedef struct todo__migration_source {
    uint32_t number;
    const char *name;
    const char *sql;
    const char *checksum;   /* SHA-256 of the SQL file, lower-case hexadecimal */
    const char *down;       /* what takes it back; NULL: nothing does */
    const char *loss;       /* what `down` may lose, in the plural; NULL: nothing */
    const char *loss_query; /* how many of these there are */
} todo__migration_source;

extern const todo__migration_source todo__postgres_migrations[];
extern const unsigned todo__postgres_migrations_count;
extern const todo__migration_source todo__sqlite_migrations[];
extern const unsigned todo__sqlite_migrations_count;

/* Reports a migration as todo_store_migrations does. */
TODO__EXPORT void todo__migration_report(const todo__migration_source *source, bool applied,
                                         todo_time applied_at, todo_migration_visit visit, void *arg);

/* Reports one that is taken back, or would be, with the number of things that are lost. `visit` may be NULL. */
TODO__EXPORT void todo__migration_report_revert(const todo__migration_source *source, bool applied,
                                                todo_time applied_at, int64_t lost,
                                                todo_migration_visit visit, void *arg);

/* OK if a migration may be taken back although `lost` things go with it; else PRECONDITION or UNSUPPORTED. */
TODO__EXPORT todo_status todo__migration_may_revert(const todo__migration_source *source, int64_t lost,
                                                    bool lose_data, todo_error *error);

#endif
