/* The numbered migrations that embed.py compiles in. */
#ifndef TODO_ADAPTERS_MIGRATIONS_H
#define TODO_ADAPTERS_MIGRATIONS_H

#include <stdint.h>

typedef struct todo__migration_source {
    uint32_t number;
    const char *name;
    const char *sql;
    const char *checksum; /* SHA-256 of the SQL file, lower-case hexadecimal */
} todo__migration_source;

extern const todo__migration_source todo__postgres_migrations[];
extern const unsigned todo__postgres_migrations_count;
extern const todo__migration_source todo__sqlite_migrations[];
extern const unsigned todo__sqlite_migrations_count;

#endif
