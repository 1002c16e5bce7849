/* The Lua scripts that embed_script.py compiles in. */
#ifndef TODO_ADAPTERS_REDIS_SCRIPTS_H
#define TODO_ADAPTERS_REDIS_SCRIPTS_H

extern const char todo__put_if_newer[];
extern const char todo__put_if_newer_sha1[]; /* 40 hexadecimal digits */
extern const char todo__note_change[];
extern const char todo__note_change_sha1[];

extern const char todo__sweep[];
extern const char todo__sweep_sha1[];

#endif
