/*
 * Which adapter serves which URLs. The static library has all adapters that were built inside. The shared library loads
 * PostgreSQL and Redis when a URL asks for them, from the folder "todo" beside itself, so that a program which uses
 * neither loads none of their libraries (docs/decisions/0030-plug-ins.md). An adapter from outside is registered by the
 * program, or by a plug-in of its scheme's name in that folder. The build says what is inside: TODO_SQLITE,
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
#include <unistd.h>
#endif

#include <todo/version.h>

#include "adapters/backend.h"
#include "adapters/registered.h"

typedef struct own_scheme {
    const char *name;
    const char *plugin; /* the name of its plug-in's file */
    todo__adapter adapter;
} own_scheme;

static const own_scheme schemes[] = {
    {"sqlite", "sqlite", TODO_SQLITE},         {"postgres", "postgres", TODO_POSTGRES},
    {"postgresql", "postgres", TODO_POSTGRES}, {"redis", "redis", TODO_REDIS},
    {"rediss", "redis", TODO_REDIS},
};

/* The scheme of a URL in lower case, or "" if it has none. */
static void read_scheme(const char *url, char name[TODO__SCHEME_MAX])
{
    size_t length = strcspn(url, ":");

    name[0] = '\0';
    if (url[length] != ':' || length >= TODO__SCHEME_MAX)
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

/*
 * A plug-in of ours hands over its adapter, one from outside registers itself. It stays loaded: code of it may run in
 * another thread at any time. The linker counts how often it was asked for.
 */
static todo_status load(const char *plugin, const char *field, todo__adapter *ret_adapter, todo_error *error)
{
    todo_error reason = TODO_ERROR_INIT;
    todo_status (*init)(todo_error * error);
    const todo__plugin *own;
    char path[PATH_MAX];
    void *object;

    if (!locate(plugin, path))
        return missing(field, "the library does not know where its plug-ins are", error);
    if (!todo__scheme_is_own(plugin) && access(path, F_OK) != 0)
        return unknown(field, error);
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL)
        return missing(field, dlerror(), error);
    own = dlsym(object, "todo__plugin_of_this_library");
    if (own != NULL) {
        if (strcmp(own->version, TODO_VERSION_STRING) != 0)
            return missing(field, "the plug-in is of another version of the library", error);
        *ret_adapter = own->adapter;
        return TODO_OK;
    }
    *(void **)&init = dlsym(object, "todo_plugin_init");
    if (init == NULL)
        return missing(field, "the plug-in has no function todo_plugin_init", error);
    init(&reason); /* fails, and rightly so, if another thread was faster */
    ret_adapter->registered = todo__registered(plugin);
    return ret_adapter->registered != NULL
               ? TODO_OK
               : missing(field,
                         reason.message[0] != '\0' ? reason.message
                                                   : "the plug-in did not register the scheme of its name",
                         error);
}

#else

static todo_status load(const char *plugin, const char *field, todo__adapter *ret_adapter, todo_error *error)
{
    (void)ret_adapter;
    if (!todo__scheme_is_own(plugin))
        return unknown(field, error);
    return missing(field, "the static library was built without it", error);
}

#endif

static const own_scheme *find(const char *name)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

bool todo__scheme_is_own(const char *scheme)
{
    return find(scheme) != NULL;
}

todo_status todo__adapter_find(const char *url, const char *field, todo__adapter *ret_adapter,
                               todo_error *error)
{
    const own_scheme *found;
    todo__adapter adapter = {.registered = NULL};
    char name[TODO__SCHEME_MAX];
    todo_status status = TODO_OK;

    read_scheme(url, name);
    if (name[0] == '\0')
        return unknown(field, error);
    found = find(name);
    if (found != NULL)
        adapter = found->adapter;
    else
        adapter.registered = todo__registered(name);
    if (adapter.open == NULL && adapter.open_cache == NULL && adapter.registered == NULL)
        status = load(found != NULL ? found->plugin : name, field, &adapter, error);
    if (status != TODO_OK)
        return status;
    if (strcmp(field, "cache_url") == 0 ? adapter.open_cache == NULL
                                        : adapter.open == NULL && adapter.registered == NULL)
        return unknown(field, error);
    *ret_adapter = adapter;
    return TODO_OK;
}

todo_status todo__adapter_open(const todo__adapter *adapter, const todo_store_options *options,
                               todo__backend *ret_backend, todo_error *error)
{
    todo_store_ports ports = {.size = sizeof(ports)};
    todo_status status;

    if (adapter->registered == NULL)
        return adapter->open(options, ret_backend, error);
    status = adapter->registered->open(options, &ports, error);
    if (status != TODO_OK)
        return status;
    *ret_backend = (todo__backend){adapter->registered, ports.self, ports.reader, ports.writer, ports.users};
    if (ports.reader == NULL || ports.writer == NULL || ports.users == NULL)
        return todo_error_set(error, TODO_ERR_INTERNAL, "adapter_incomplete", "url",
                              "the adapter did not give all three ports");
    return TODO_OK;
}
