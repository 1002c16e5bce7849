/*
 * Which adapter serves which URLs. The static library has all adapters that were built inside. The shared library loads
 * PostgreSQL and Redis when a URL asks for them, from the folder "todo" beside itself, so that a program which uses
 * neither loads none of their libraries (docs/decisions/0030-plug-ins.md). The build says what is inside: TODO_SQLITE,
 * TODO_POSTGRES and TODO_REDIS are {open}, {.open_cache} or {NULL}.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#ifdef TODO_PLUGIN_SUFFIX
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#endif

#include <todo/version.h>

#include "adapters/backend.h"

#define SCHEME_MAX 32

typedef struct scheme {
    const char *name;
    const char *plugin; /* the name of its plug-in's file */
    todo__adapter adapter;
} scheme;

static const scheme schemes[] = {
    {"sqlite", "sqlite", TODO_SQLITE},         {"postgres", "postgres", TODO_POSTGRES},
    {"postgresql", "postgres", TODO_POSTGRES}, {"redis", "redis", TODO_REDIS},
    {"rediss", "redis", TODO_REDIS},
};

/* The scheme of a URL in lower case, or "" if it has none. */
static void read_scheme(const char *url, char name[SCHEME_MAX])
{
    size_t length = strcspn(url, ":");

    name[0] = '\0';
    if (url[length] != ':' || length >= SCHEME_MAX)
        return;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)url[i])) {
            name[0] = '\0';
            return;
        }
        name[i] = (char)tolower((unsigned char)url[i]);
    }
    name[length] = '\0';
}

static todo_status missing(const char *field, const char *reason, todo_error *error)
{
    todo_error_set(error, TODO_ERR_UNSUPPORTED, "adapter_missing", field,
                   "this installation has no adapter for the URL");
    todo_error_set_detail(error, reason);
    return TODO_ERR_UNSUPPORTED;
}

static todo_status unknown(const char *field, todo_error *error)
{
    if (strcmp(field, "cache_url") == 0)
        return todo_error_set(error, TODO_ERR_INVALID, "cache_url_invalid", field,
                              "a cache's URL begins with redis://");
    return todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", field,
                          "a store's URL begins with sqlite: or postgres://");
}

#ifdef TODO_PLUGIN_SUFFIX

/* The file of a plug-in: beside this library, wherever it was loaded from. False if that is not known. */
static bool locate(const char *plugin, char path[PATH_MAX])
{
    char library[PATH_MAX];
    Dl_info self;
    int length;

    if (dladdr(schemes, &self) == 0 || realpath(self.dli_fname, library) == NULL)
        return false;
    *strrchr(library, '/') = '\0'; /* realpath gives an absolute path */
    length = snprintf(path, PATH_MAX, "%s/todo/%s%s", library, plugin, TODO_PLUGIN_SUFFIX);
    return length > 0 && length < PATH_MAX;
}

/* A plug-in stays loaded: code of it may run in another thread at any time. The linker counts how often it was asked. */
static todo_status load(const char *plugin, const char *field, todo__adapter *ret_adapter, todo_error *error)
{
    const todo__plugin *known;
    char path[PATH_MAX];
    void *object;

    if (!locate(plugin, path))
        return missing(field, "the library does not know where its plug-ins are", error);
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL)
        return missing(field, dlerror(), error);
    known = dlsym(object, "todo__plugin_of_this_library");
    if (known == NULL || strcmp(known->version, TODO_VERSION_STRING) != 0)
        return missing(field, "the plug-in is of another version of the library", error);
    *ret_adapter = known->adapter;
    return TODO_OK;
}

#else

static todo_status load(const char *plugin, const char *field, todo__adapter *ret_adapter, todo_error *error)
{
    (void)plugin;
    (void)ret_adapter;
    return missing(field, "the static library was built without it", error);
}

#endif

todo_status todo__adapter_find(const char *url, const char *field, todo__adapter *ret_adapter,
                               todo_error *error)
{
    const scheme *found = NULL;
    todo__adapter adapter;
    char name[SCHEME_MAX];
    todo_status status = TODO_OK;

    read_scheme(url, name);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strcmp(schemes[i].name, name) == 0)
            found = &schemes[i];
    if (found == NULL)
        return unknown(field, error);
    adapter = found->adapter;
    if (adapter.open == NULL && adapter.open_cache == NULL)
        status = load(found->plugin, field, &adapter, error);
    if (status != TODO_OK)
        return status;
    if (strcmp(field, "cache_url") == 0 ? adapter.open_cache == NULL : adapter.open == NULL)
        return unknown(field, error);
    *ret_adapter = adapter;
    return TODO_OK;
}
