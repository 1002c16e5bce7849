/* The Lua scripts that embed_script.py compiles in. */
#ifndef TODO_ADAPTERS_REDIS_SCRIPTS_H
#define TODO_ADAPTERS_REDIS_SCRIPTS_H

extern const char todo__script[];
extern const char todo__script_sha1[];

extern const char todo__sweep[];
extern const char todo__sweep_sha1[];

#endif
