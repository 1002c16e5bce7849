/* todoctl todo: the todos of a user. */
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "number.h"
#include "output.h"
#include "report.h"

static const char *user_option;
static const char *description;
static const char *id_option;
static const char *limit_option;
static const char *sort_option;
static const char *new_title;
static const char *priority_option;
static const char *if_version;
static bool no_description;
static bool dry_run;
static bool only_done;
static bool only_open;
static bool all;
static bool deleted;
static bool purge;

static const char *const headers[] = {"ID", "DONE", "CREATED", "TITLE"};
static const char *const trash_headers[] = {"ID", "DONE", "REMOVED", "TITLE"};

static int open_for_user(ctl_context *context, todo_store_mode mode, const todo_user **ret_user)
{
    int code = access_open(context, mode);
    return code != 0 ? code : access_owner(context, user_option, ret_user);
}

static void show(list_output *list, const todo_item *item)
{
    if (list->json) {
        list_add_item(list, item);
        return;
    }
    char id[TODO_UUID_TEXT_SIZE];
    char when[TIME_TEXT_SIZE];
    todo_uuid_format(&item->id, id);
    time_for_people(deleted ? item->deleted_at : item->created_at, when);
    table_add(list->table, (const char *const[]){id, item->completed ? "yes" : "no", when, item->title});
}

static todo_status visit(void *arg, const todo_item *item)
{
    show(arg, item);
    return TODO_OK;
}

/* Lists page by page, each under a deadline of its own: as much memory as one page takes. */
static int list_pages(ctl_context *context, const todo_user *user, todo_list_query *query, list_output *list)
{
    todo_error error = TODO_ERROR_INIT;
    todo_cursor next;
    bool more = true;
    uint64_t wanted = all ? UINT64_MAX : query->limit;
    while (more && wanted > 0) {
        todo_call call = access_call(context);
        query->limit = wanted < TODO_LIST_MAX ? (uint32_t)wanted : TODO_LIST_MAX;
        if (todo_queries_each(todo_store_queries(context->store), &call, &user->id, query, visit, list, &more,
                              &next, &error) != TODO_OK)
            return fail_error(&error, NULL, "cannot list the todos");
        wanted -= query->limit;
        query->after = &next;
        if (!list->json && more && wanted > 0)
            table_flush(list->table);
    }
    return 0;
}

static int read_limit(uint32_t *ret_limit)
{
    uint64_t limit = TODO_LIST_DEFAULT;
    if (limit_option != NULL && !parse_number(limit_option, 1, UINT32_MAX, &limit))
        return fail(EXIT_USAGE, "--limit 100, or --all",
                    "--limit must be at least 1 and at most 4294967295, not %s", limit_option);
    *ret_limit = (uint32_t)limit;
    return 0;
}

static int read_sort(todo_list_query *query)
{
    static const struct {
        const char *name;
        todo_sort_key key;
    } keys[] = {{"created_at", TODO_SORT_CREATED_AT}, {"updated_at", TODO_SORT_UPDATED_AT}};
    if (sort_option == NULL)
        return 0;
    query->ascending = sort_option[0] != '-';
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(sort_option + !query->ascending, keys[i].name) == 0) {
            query->sort = keys[i].key;
            return 0;
        }
    }
    return fail(EXIT_USAGE, "--sort created_at, updated_at, -created_at or -updated_at",
                "there is no order %s", sort_option);
}

static int run_list(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    const todo_user *user = NULL;
    if (only_done && only_open)
        return fail(EXIT_USAGE, "one of them, or neither for all", "--done and --open exclude each other");
    query.deleted = deleted;
    query.completed = only_done ? TODO_ONLY_TRUE : (only_open ? TODO_ONLY_FALSE : TODO_ANY);
    int code = read_limit(&query.limit);
    code = code != 0 ? code : read_sort(&query);
    code = code != 0 ? code : open_for_user(context, TODO_STORE_READ, &user);
    if (code == 0) {
        list_output list;
        list_begin(&list, context->json, deleted ? trash_headers : headers, 4);
        code = list_pages(context, user, &query, &list);
        list_end(&list);
    }
    todo_user_unref(user);
    return code;
}

/* The number of --priority; `ret_priority` stays as it is without the option. */
static int read_priority(int64_t *ret_priority)
{
    const todo_field *field = todo_item_field_find("priority");
    uint64_t number = 0;
    if (priority_option == NULL)
        return 0;
    if (!parse_number(priority_option, 0, (uint64_t)field->maximum, &number))
        return fail(EXIT_USAGE, "--priority 3", "--priority must be between 0 (none) and %lld (high), not %s",
                    (long long)field->maximum, priority_option);
    *ret_priority = (int64_t)number;
    return 0;
}

static int add(ctl_context *context, const todo_user *user, const char *title, int64_t priority)
{
    todo_error error = TODO_ERROR_INIT;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_uuid id;
    if (id_option != NULL) {
        if (todo_uuid_parse(id_option, &id, &error) != TODO_OK)
            return fail_error(&error, "--id with a UUID, or without --id", "cannot use %s", id_option);
        draft.id = &id;
    }
    draft.title = title;
    draft.description = description;
    draft.priority = priority;
    todo_call call = access_call(context);
    const todo_item *item = NULL;
    todo_status status =
        todo_commands_create(todo_store_commands(context->store), &call, &user->id, &draft, &item, &error);
    if (status != TODO_OK)
        return fail_error(&error, status == TODO_ERR_CONFLICT ? "without --id" : NULL, "cannot add the todo");
    if (context->json) {
        print_item(item);
    } else {
        char text[TODO_UUID_TEXT_SIZE];
        todo_uuid_format(&item->id, text);
        printf("Added %s.\n", text);
    }
    todo_item_unref(item);
    return 0;
}

static int run_add(ctl_context *context, int count, char **arguments)
{
    (void)count;
    const todo_user *user = NULL;
    int64_t priority = 0;
    int code = read_priority(&priority);
    code = code != 0 ? code : open_for_user(context, TODO_STORE_EXISTING, &user);
    code = code != 0 ? code : add(context, user, arguments[0], priority);
    todo_user_unref(user);
    return code;
}

static int parse_id(const char *text, todo_uuid *ret_id)
{
    todo_error error = TODO_ERROR_INIT;
    if (todo_uuid_parse(text, ret_id, &error) != TODO_OK)
        return fail_error(&error, "todoctl todo list", "cannot use %s", text);
    return 0;
}

/* What is done to each todo that is named; it shows the todo in `list` when it succeeded. */
typedef int (*todo_action)(ctl_context *context, const todo_user *user, const todo_uuid *id,
                           list_output *list);

/* Does it to each id in turn and stops at the first that fails, after what was done before has been shown. */
static int for_each_id(ctl_context *context, int count, char **ids, todo_action action)
{
    const todo_user *user = NULL;
    todo_uuid id;
    int code = 0;
    for (int i = 0; i < count && code == 0; i++)
        code = parse_id(ids[i], &id);
    code = code != 0 ? code : open_for_user(context, dry_run ? TODO_STORE_READ : TODO_STORE_EXISTING, &user);
    if (code != 0)
        return code;
    list_output list;
    list_begin(&list, context->json, headers, 4);
    for (int i = 0; i < count && code == 0; i++) {
        todo_uuid_parse(ids[i], &id, NULL);
        code = action(context, user, &id, &list);
    }
    list_end(&list);
    todo_user_unref(user);
    return code;
}

static int fail_todo(const todo_error *error, const todo_uuid *id, const char *what)
{
    char text[TODO_UUID_TEXT_SIZE];
    todo_uuid_format(id, text);
    return fail_error(error, error->status == TODO_ERR_NOT_FOUND ? "todoctl todo list" : NULL, "cannot %s %s",
                      what, text);
}

static int finish(ctl_context *context, const todo_user *user, const todo_uuid *id, list_output *list)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    patch.completed.presence = TODO_VALUE;
    patch.completed.value = true;
    const todo_item *item = NULL;
    if (todo_commands_update(todo_store_commands(context->store), &call, &user->id, id, &patch, &item,
                             &error) != TODO_OK)
        return fail_todo(&error, id, "finish");
    show(list, item);
    todo_item_unref(item);
    return 0;
}

static int run_done(ctl_context *context, int count, char **arguments)
{
    return for_each_id(context, count, arguments, finish);
}

/* The todo, wherever it is. */
static todo_status find_anywhere(ctl_context *context, const todo_user *user, const todo_uuid *id,
                                 const todo_item **ret_item, todo_error *error)
{
    todo_queries *queries = todo_store_queries(context->store);
    todo_call call = access_call(context);
    todo_status status = todo_queries_get(queries, &call, &user->id, id, ret_item, error);
    if (status == TODO_ERR_NOT_FOUND)
        status = todo_queries_get_trashed(queries, &call, &user->id, id, ret_item, error);
    return status;
}

static int remove_confirmed(ctl_context *context, const todo_item *item, list_output *list)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    todo_commands *commands = todo_store_commands(context->store);
    todo_status status =
        purge ? todo_commands_erase(commands, &call, &item->user_id, &item->id, item->version, &error)
              : todo_commands_remove(commands, &call, &item->user_id, &item->id, item->version, &error);
    if (status != TODO_OK)
        return fail_todo(&error, &item->id, "remove");
    show(list, item);
    return 0;
}

static int remove_item(ctl_context *context, const todo_user *user, const todo_uuid *id, list_output *list)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    const todo_item *item = NULL;
    todo_status status =
        purge ? find_anywhere(context, user, id, &item, &error)
              : todo_queries_get(todo_store_queries(context->store), &call, &user->id, id, &item, &error);
    if (status != TODO_OK)
        return fail_todo(&error, id, "remove");
    if (dry_run) {
        show(list, item);
        todo_item_unref(item);
        return 0;
    }
    int code = access_confirm(context, purge ? "Remove \"%s\" for good?" : "Remove \"%s\"?", item->title);
    code = code != 0 ? code : remove_confirmed(context, item, list);
    todo_item_unref(item);
    return code;
}

static int run_rm(ctl_context *context, int count, char **arguments)
{
    int code = for_each_id(context, count, arguments, remove_item);
    if (code == 0 && dry_run && !context->json)
        puts("Nothing was removed.");
    return code;
}

static int restore(ctl_context *context, const todo_user *user, const todo_uuid *id, list_output *list)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    const todo_item *item = NULL;
    todo_status status =
        todo_commands_restore(todo_store_commands(context->store), &call, &user->id, id, 0, &item, &error);
    if (status != TODO_OK) {
        char text[TODO_UUID_TEXT_SIZE];
        todo_uuid_format(id, text);
        return fail_error(&error, status == TODO_ERR_NOT_FOUND ? "todoctl todo list --deleted" : NULL,
                          "cannot restore %s", text);
    }
    show(list, item);
    todo_item_unref(item);
    return 0;
}

static int run_restore(ctl_context *context, int count, char **arguments)
{
    return for_each_id(context, count, arguments, restore);
}

/* Prints a text of several lines behind its name, each line indented alike. */
static void print_text(const char *name, const char *text)
{
    char *copy = need_memory(strdup(text));
    char *rest = copy;
    for (const char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        make_printable((char *)line);
        printf("%-12s %s\n", name, line);
        name = "";
    }
    free(copy);
}

/* What people read instead of the names of some fields, in the order in which these are shown; "" hides one. */
static const struct {
    const char *field, *label;
} labels[] = {
    {"title", "title"},
    {"id", "id"},
    {"completed", "done"},
    {"created_at", "created"},
    {"updated_at", "changed"},
    {"deleted_at", "removed"},
    {"version", "version"},
    {"user_id", ""},
    {"modseq", ""},
    {"description", ""},
};

static bool has_label(const todo_field *field)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strcmp(labels[i].field, field->name) == 0)
            return true;
    return false;
}

/* A field for people: flags as yes and no, times as local ones; nothing for null. */
static void print_field(const char *label, const todo_field *field, const todo_item *item)
{
    char buffer[TODO_FIELD_TEXT_SIZE];
    char when[TIME_TEXT_SIZE];
    todo_value value;
    todo_field_get(field, item, &value);
    if (value.null)
        return;
    if (field->kind == TODO_KIND_TIME)
        time_for_people(value.time, when);
    print_text(label, field->kind == TODO_KIND_FLAG   ? (value.flag ? "yes" : "no")
                      : field->kind == TODO_KIND_TIME ? when
                                                      : todo_field_format(field, item, buffer));
}

/* The fields with a label, then all others under their own names, and the description, which may be long. */
static void print_details(const todo_item *item)
{
    const todo_field *field;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (labels[i].label[0] != '\0')
            print_field(labels[i].label, todo_item_field_find(labels[i].field), item);
    for (size_t i = 0; (field = todo_item_field_at(i)) != NULL; i++)
        if (!has_label(field))
            print_field(field->name, field, item);
    print_field("description", todo_item_field_find("description"), item);
}

static int show_details(ctl_context *context, const todo_user *user, const todo_uuid *id)
{
    todo_error error = TODO_ERROR_INIT;
    const todo_item *item = NULL;
    if (find_anywhere(context, user, id, &item, &error) != TODO_OK)
        return fail_todo(&error, id, "show");
    if (context->json)
        print_item(item);
    else
        print_details(item);
    todo_item_unref(item);
    return 0;
}

static int run_show(ctl_context *context, int count, char **arguments)
{
    (void)count;
    todo_uuid id;
    const todo_user *user = NULL;
    int code = parse_id(arguments[0], &id);
    code = code != 0 ? code : open_for_user(context, TODO_STORE_READ, &user);
    code = code != 0 ? code : show_details(context, user, &id);
    todo_user_unref(user);
    return code;
}

static int read_patch(todo_item_patch *patch)
{
    uint64_t version = 0;
    if ((only_done && only_open) || (description != NULL && no_description))
        return fail(EXIT_USAGE, "one of them", "%s exclude each other",
                    only_done ? "--done and --open" : "--description and --no-description");
    if (if_version != NULL && !parse_number(if_version, 1, TODO_VERSION_MAX, &version))
        return fail(EXIT_USAGE, "todoctl todo show", "--if-version must be between 1 and %lld, not %s",
                    (long long)TODO_VERSION_MAX, if_version);
    if (new_title == NULL && description == NULL && !no_description && !only_done && !only_open &&
        priority_option == NULL)
        return fail(EXIT_USAGE, "todoctl todo edit --help",
                    "nothing to change; give at least one of --title, --description, --done, --open, "
                    "--priority");
    patch->if_version = (int64_t)version;
    patch->title.presence = new_title != NULL ? TODO_VALUE : TODO_ABSENT;
    patch->title.value = new_title;
    patch->description.presence =
        no_description ? TODO_NULL : (description != NULL ? TODO_VALUE : TODO_ABSENT);
    patch->description.value = description;
    patch->completed.presence = only_done || only_open ? TODO_VALUE : TODO_ABSENT;
    patch->completed.value = only_done;
    patch->priority.presence = priority_option != NULL ? TODO_VALUE : TODO_ABSENT;
    return read_priority(&patch->priority.value);
}

static int edit(ctl_context *context, const todo_user *user, const todo_uuid *id,
                const todo_item_patch *patch)
{
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    const todo_item *item = NULL;
    if (todo_commands_update(todo_store_commands(context->store), &call, &user->id, id, patch, &item,
                             &error) != TODO_OK)
        return fail_todo(&error, id, "change");
    if (context->json)
        print_item(item);
    else
        print_details(item);
    todo_item_unref(item);
    return 0;
}

static int run_edit(ctl_context *context, int count, char **arguments)
{
    (void)count;
    todo_uuid id;
    const todo_user *user = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    int code = read_patch(&patch);
    code = code != 0 ? code : parse_id(arguments[0], &id);
    code = code != 0 ? code : open_for_user(context, TODO_STORE_EXISTING, &user);
    code = code != 0 ? code : edit(context, user, &id, &patch);
    todo_user_unref(user);
    return code;
}

#define USER                                                                          \
    {                                                                                 \
        "user", 'u', "USER", "whose, by e-mail or id (TODO_USER)", &user_option, NULL \
    }

static const option_spec list_options[] = {
    USER,
    {"done", 'd', NULL, "only those that are done", NULL, &only_done},
    {"open", 'o', NULL, "only those that are not", NULL, &only_open},
    {"sort", 'S', "KEY", "created_at or updated_at, with - in front the latest first", &sort_option, NULL},
    {"limit", 'l', "COUNT", "at most so many (100)", &limit_option, NULL},
    {"all", 'a', NULL, "all of them", NULL, &all},
    {"deleted", 0, NULL, "those in the trash instead", NULL, &deleted},
    OPTION_END,
};
static const option_spec add_options[] = {
    USER,
    {"description", 'D', "TEXT", "what else there is to say", &description, NULL},
    {"priority", 'P', "LEVEL", "0 (none) to 3 (high)", &priority_option, NULL},
    {"id", 0, "ID", "the id to give it (a UUID)", &id_option, NULL},
    OPTION_END,
};
static const option_spec edit_options[] = {
    USER,
    {"title", 't', "TEXT", "the new title", &new_title, NULL},
    {"description", 'D', "TEXT", "the new description", &description, NULL},
    {"no-description", 0, NULL, "without a description", NULL, &no_description},
    {"done", 'd', NULL, "it is done", NULL, &only_done},
    {"open", 'o', NULL, "it is not", NULL, &only_open},
    {"priority", 'P', "LEVEL", "0 (none) to 3 (high)", &priority_option, NULL},
    {"if-version", 0, "VERSION", "only if this is still its version", &if_version, NULL},
    OPTION_END,
};
static const option_spec rm_options[] = {
    USER,
    {"purge", 0, NULL, "for good, also from the trash", NULL, &purge},
    {"dry-run", 'n', NULL, "only show what would be removed", NULL, &dry_run},
    OPTION_END,
};
static const option_spec id_options[] = {USER, OPTION_END};

static const ctl_command commands[] = {
    {"list", "", "List the todos of a user, newest first", NULL, list_options, 0, 0, run_list},
    {"add", "TITLE", "Add a todo", NULL, add_options, 1, 1, run_add},
    {"show", "ID", "Show all of a todo", NULL, id_options, 1, 1, run_show},
    {"edit", "ID", "Change a todo", NULL, edit_options, 1, 1, run_edit},
    {"done", "ID...", "Mark todos as done", NULL, id_options, 1, -1, run_done},
    {"rm", "ID...", "Move todos to the trash", "Asks before each, unless told --yes.", rm_options, 1, -1,
     run_rm},
    {"restore", "ID...", "Take todos out of the trash", NULL, id_options, 1, -1, run_restore},
    {.run = NULL},
};

const command_group group_todo = {"todo", "The todos of a user", false, commands, true, false};
