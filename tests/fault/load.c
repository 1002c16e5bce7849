#include "load.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <todo/types.h>

#include "core_server.h"
#include "http_client.h"

/* A user has no more todos than one page shows, so that nothing may be missing from a list. */
#define TODOS_PER_USER 60

/*
 * What a client does, as percentages of its requests; the rest are gets. Of every other user the first two kinds write
 * everywhere; of the others the last two write at one core only, so that the other cores know of it from elsewhere.
 */
typedef struct role {
    unsigned creates, patches, deletes, restores, lists, pursuits;
    bool token;   /* brings its consistency token along */
    bool at_home; /* writes at the first core only */
} role;

static const role roles[] = {
    {.creates = 12, .patches = 22, .deletes = 6, .restores = 4, .lists = 10, .pursuits = 6, .token = true},
    {.creates = 12, .patches = 28, .deletes = 6, .restores = 4, .lists = 10},
    /* Sees what others write, and should never see it undone elsewhere. Its only own change gives it its first token. */
    {.lists = 48, .token = true, .at_home = true},
    {.creates = 10, .patches = 12, .deletes = 3, .restores = 2, .lists = 30, .at_home = true},
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

/*
 * Of every other one of those users nobody writes but in the first second of so many: whatever a cache kept that was older
 * than the last write shows in the rest of them, when nothing drops it any more.
 */
#define WRITING_US INT64_C(1000000)
#define TURN_US    INT64_C(2500000)

/* The ways to ask for all of a user's todos; each is held by itself, and in the order of the member. */
static const struct {
    const char *path;
    const char *member;
    bool ascending;
} whole_lists[] = {
    {"/api/todos?limit=1000", "created_at", false},
    {"/api/todos?limit=1000&sort=created_at", "created_at", true},
    {"/api/todos?limit=1000&sort=-updated_at", "updated_at", false},
};

#define WHOLE_LISTS (sizeof(whole_lists) / sizeof(whole_lists[0]))

typedef struct client {
    struct load *run;
    const role *role;
    pthread_t thread;
    int user;
    uint64_t random;
    http_client *connections[LEDGER_CORES];
    uint16_t connected_to[LEDGER_CORES];
    ledger_view *view; /* NULL: brings no token */
    char token[256];
    int64_t *floors; /* room for a list's */
} client;

struct load {
    load_options options;
    client clients[LOAD_CLIENTS_MAX];
    int64_t began;
    atomic_bool stop;
    atomic_ulong answers[LOAD_SLOTS];
    atomic_ulong errors[LOAD_SLOTS];
    _Atomic int64_t slowest;
    atomic_ulong unexpected;
};

/* xorshift64*: any cheap generator does, as long as each client has one of its own. */
static uint32_t next_random(client *this)
{
    this->random ^= this->random >> 12;
    this->random ^= this->random << 25;
    this->random ^= this->random >> 27;
    return (uint32_t)((this->random * UINT64_C(2685821657736338717)) >> 32);
}

static void note(client *this, int64_t began, bool good)
{
    struct load *run = this->run;
    int64_t now = ledger_now(), took = now - began, slowest = run->slowest;
    size_t slot = (size_t)((now - run->began) / LOAD_SLOT_US);

    if (slot < LOAD_SLOTS)
        atomic_fetch_add(good ? &run->answers[slot] : &run->errors[slot], 1);
    while (took > slowest && !atomic_compare_exchange_weak(&run->slowest, &slowest, took))
        ;
}

static http_client *connection(client *this, int core)
{
    uint16_t port = *(volatile const uint16_t *)&this->run->options.ports[core];

    if (this->connections[core] != NULL && this->connected_to[core] != port) {
        http_close(this->connections[core]);
        this->connections[core] = NULL;
    }
    if (this->connections[core] == NULL && port != 0)
        this->connections[core] = http_connect(port);
    this->connected_to[core] = port;
    return this->connections[core];
}

static bool is_failure(int status)
{
    return status == 0 || status == 429 || status >= 500;
}

/* Asks a core as the client's user: the status, or 0 when no answer came. The answer is to be cleared either way. */
static int ask(client *this, int core, const char *method, const char *path, const char *body,
               http_response *response)
{
    char fields[512], value[8];
    int64_t began = ledger_now();
    http_client *to = connection(this, core);
    int status = 0;

    memset(response, 0, sizeof(*response));
    snprintf(fields, sizeof(fields), "X-Edge-Verified: %s\r\nX-User-Id: %s\r\n%s%s%s", CORE_EDGE_SECRET,
             this->run->options.users[this->user], this->token[0] != '\0' ? "X-Consistency-Token: " : "",
             this->token, this->token[0] != '\0' ? "\r\n" : "");
    if (to != NULL && http_exchange(to, method, path, fields, body, response))
        status = response->status;
    if (status == 0 ||
        (http_field(response, "Connection", value, sizeof(value)) && strcmp(value, "close") == 0)) {
        http_close(to);
        this->connections[core] = NULL;
    }
    note(this, began, !is_failure(status));
    if (is_failure(status))
        usleep(2000); /* a client in its right mind does not hammer at a closed door */
    else if (this->view != NULL)
        http_field(response, "X-Consistency-Token", this->token, sizeof(this->token));
    return status;
}

static void expect(client *this, int status, int expected, const char *what, const http_response *response)
{
    if (status == expected || is_failure(status))
        return;
    atomic_fetch_add(&this->run->unexpected, 1);
    fprintf(stderr, "violation: %s was answered with %d: %.200s\n", what, status,
            response->body != NULL ? response->body : "");
}

static uint32_t title_of(json_object *todo)
{
    const char *title = json_object_get_string(json_object_object_get(todo, "title"));

    return title != NULL ? (uint32_t)strtoul(title, NULL, 10) : 0;
}

static int64_t version_of(json_object *todo)
{
    return json_object_get_int64(json_object_object_get(todo, "version"));
}

/* Who has not been given a token yet has none to bring, and no promise either. */
static ledger_view *promised(const client *this)
{
    return this->token[0] != '\0' ? this->view : NULL;
}

/* The client knows of this version from here on. */
static void learn(client *this, int item, int64_t version)
{
    if (this->view != NULL && version > this->view->seen[item])
        this->view->seen[item] = version;
}

static void create(client *this, int core)
{
    ledger *book = this->run->options.book;
    uint32_t title = next_random(this) | 1;
    char id[TODO_UUID_TEXT_SIZE], body[128];
    http_response response;
    todo_uuid uuid;
    int item, status;

    if (ledger_alive(book, this->user) >= TODOS_PER_USER || todo_uuid_generate(&uuid, NULL) != TODO_OK)
        return;
    todo_uuid_format(&uuid, id);
    item = ledger_begin_create(book, this->user, id);
    if (item < 0)
        return;
    snprintf(body, sizeof(body), "{\"id\":\"%s\",\"title\":\"%u\"}", id, title);
    status = ask(this, core, "POST", "/api/todos", body, &response);
    expect(this, status, 201, "a create", &response);
    if (!is_failure(status))
        ledger_end_create(book, item, core, title, status == 201);
    if (status == 201)
        learn(this, item, 1);
    http_response_clear(&response);
}

static void get_item(client *this, int core, int item, const char *id);

/* Changes a todo; with `pursue` looks at it at once at another core. */
static void patch(client *this, int core, bool pursue)
{
    ledger *book = this->run->options.book;
    uint32_t title = next_random(this) | 1;
    char id[37], path[64], body[64];
    http_response response;
    int item = ledger_pick(book, this->user, next_random(this), id), status;
    json_object *todo;

    if (item < 0)
        return;
    snprintf(path, sizeof(path), "/api/todos/%s", id);
    snprintf(body, sizeof(body), "{\"title\":\"%u\"}", title);
    status = ask(this, core, "PATCH", path, body, &response);
    if (status != 404) /* somebody may have deleted it in the meantime */
        expect(this, status, 200, "a patch", &response);
    todo = status == 200 ? json_tokener_parse(response.body) : NULL;
    if (todo != NULL) {
        ledger_end_patch(book, item, core, version_of(todo), title);
        learn(this, item, version_of(todo));
    }
    if (todo != NULL && pursue)
        get_item(this, (core + 1) % (int)this->run->options.core_count, item, id);
    json_object_put(todo);
    http_response_clear(&response);
}

static void delete_one(client *this, int core)
{
    ledger *book = this->run->options.book;
    char id[37], path[64];
    http_response response;
    int item = ledger_pick(book, this->user, next_random(this), id), status;

    if (item < 0)
        return;
    ledger_begin_delete(book, item);
    snprintf(path, sizeof(path), "/api/todos/%s", id);
    status = ask(this, core, "DELETE", path, NULL, &response);
    if (status != 404)
        expect(this, status, 204, "a delete", &response);
    if (status == 204) {
        ledger_end_delete(book, item, core);
        if (this->view != NULL)
            this->view->seen[item] = INT64_MAX;
    }
    http_response_clear(&response);
}

/* Restores a todo that this client has just moved to the trash: its version, or 0 when that is not certain. */
static int64_t restore(client *this, int core, const char *id, uint32_t *ret_title)
{
    char path[64];
    http_response response;
    json_object *todo = NULL;
    int64_t version = 0;
    int status;

    snprintf(path, sizeof(path), "/api/todos/%s/restore", id);
    status = ask(this, core, "POST", path, NULL, &response);
    expect(this, status, 200, "a restoration", &response);
    if (status == 200)
        todo = json_tokener_parse(response.body);
    if (todo != NULL) {
        version = version_of(todo);
        *ret_title = title_of(todo);
    }
    json_object_put(todo);
    http_response_clear(&response);
    return version;
}

/* To the trash and back. Whoever picked the todo a moment before may be the one who removes it. */
static void trash_and_restore(client *this, int core)
{
    ledger *book = this->run->options.book;
    char id[37], path[64];
    http_response response;
    uint32_t title = 0;
    int64_t version = 0;
    int item = ledger_pick(book, this->user, next_random(this), id), status;

    if (item < 0)
        return;
    ledger_begin_trash(book, item);
    snprintf(path, sizeof(path), "/api/todos/%s", id);
    status = ask(this, core, "DELETE", path, NULL, &response);
    if (status != 404)
        expect(this, status, 204, "a move to the trash", &response);
    http_response_clear(&response);
    if (status == 204)
        version = restore(this, core, id, &title);
    ledger_end_trash(book, item, core, version, title);
    learn(this, item, version);
}

static void get_item(client *this, int core, int item, const char *id)
{
    ledger *book = this->run->options.book;
    char path[64];
    http_response response;
    ledger_view *view = promised(this);
    ledger_look look = {.item = item, .core = core, .began = ledger_now(), .token = view != NULL};
    int64_t floor;
    int status;
    json_object *todo = NULL;

    floor = ledger_floor(book, look.item, core, look.began, view);
    snprintf(path, sizeof(path), "/api/todos/%s", id);
    status = ask(this, core, "GET", path, NULL, &response);
    if (status != 404)
        expect(this, status, 200, "a get", &response);
    if (status == 200)
        todo = json_tokener_parse(response.body);
    if (todo != NULL) {
        look.version = version_of(todo);
        look.title = title_of(todo);
    }
    if (status == 404 || todo != NULL)
        ledger_check(book, &look, floor, view);
    json_object_put(todo);
    http_response_clear(&response);
}

static void get(client *this, int core)
{
    char id[37];
    int item = ledger_pick(this->run->options.book, this->user, next_random(this), id);

    if (item >= 0)
        get_item(this, core, item, id);
}

/* Whether a list keeps its order. Times are all written alike, so that they compare as their texts do. */
static bool in_order(json_object *list, const char *member, bool ascending)
{
    const char *before = NULL;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *todo = json_object_array_get_idx(list, i);
        const char *at = json_object_get_string(json_object_object_get(todo, member));
        int order = before != NULL && at != NULL ? strcmp(before, at) : 0;

        if (at == NULL || (ascending ? order > 0 : order < 0))
            return false;
        before = at;
    }
    return true;
}

static void check_list(client *this, int core, int64_t began, ledger_view *view, json_object *list)
{
    ledger *book = this->run->options.book;
    static const int64_t checked = -1;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *todo = json_object_array_get_idx(list, i);
        ledger_look look = {.core = core,
                            .began = began,
                            .version = version_of(todo),
                            .title = title_of(todo),
                            .list = true,
                            .token = view != NULL};

        look.item = ledger_find(book, json_object_get_string(json_object_object_get(todo, "id")));
        if (look.item < 0)
            continue;
        ledger_check(book, &look, this->floors[look.item], view);
        this->floors[look.item] = checked;
    }
    for (int item = 0; item < LEDGER_ITEMS; item++) {
        ledger_look missing = {
            .item = item, .core = core, .began = began, .list = true, .token = view != NULL};

        if (this->floors[item] != checked && this->floors[item] != 0 &&
            ledger_expects(book, item, this->user, this->floors[item]))
            ledger_check(book, &missing, this->floors[item], view);
    }
}

static void list(client *this, int core)
{
    ledger_view *view = promised(this);
    int64_t began = ledger_now();
    unsigned kind = next_random(this) % WHOLE_LISTS;
    http_response response;
    int status;
    json_object *todos = NULL;

    ledger_floors(this->run->options.book, this->user, core, began, view, this->floors);
    status = ask(this, core, "GET", whole_lists[kind].path, NULL, &response);
    expect(this, status, 200, "a list", &response);
    if (status == 200)
        todos = json_tokener_parse(response.body);
    if (todos != NULL)
        check_list(this, core, began, view, todos);
    if (todos != NULL && !in_order(todos, whole_lists[kind].member, whole_lists[kind].ascending)) {
        atomic_fetch_add(&this->run->unexpected, 1);
        fprintf(stderr, "violation: core %d gave %s out of order\n", core, whole_lists[kind].path);
    }
    json_object_put(todos);
    http_response_clear(&response);
}

/* Whether this is a time to write. */
static bool may_write(const client *this)
{
    return this->user % 4 != 3 || (ledger_now() - this->run->began) % TURN_US < WRITING_US;
}

static void act(client *this)
{
    static const role reader = {.lists = 40};
    const role *mine = may_write(this) ? this->role : &reader;
    int core = (int)(next_random(this) % this->run->options.core_count),
        home = this->role->at_home ? 0 : core;
    unsigned dice = next_random(this) % 100, bound = mine->creates;

    if (mine->token && mine->creates == 0 && this->token[0] == '\0')
        patch(this, home, false);
    else if (dice < bound)
        create(this, home);
    else if (dice < (bound += mine->patches))
        patch(this, home, false);
    else if (dice < (bound += mine->pursuits))
        patch(this, home, true);
    else if (dice < (bound += mine->deletes))
        delete_one(this, home);
    else if (dice < (bound += mine->restores))
        trash_and_restore(this, home);
    else if (dice < bound + mine->lists)
        list(this, core);
    else
        get(this, core);
}

static void *run_client(void *arg)
{
    client *this = arg;

    while (!atomic_load(&this->run->stop))
        act(this);
    return NULL;
}

load *load_start(const load_options *options)
{
    load *new = calloc(1, sizeof(*new));

    if (new == NULL)
        abort();
    new->options = *options;
    new->began = ledger_now();
    for (size_t i = 0; i < options->clients; i++) {
        client *each = &new->clients[i];

        each->run = new;
        each->role = &roles[i / ROLES % 2 * 2 + i % 2];
        each->user = (int)(i / ROLES % LEDGER_USERS);
        each->random = (uint64_t) new->began * 31 + i *UINT64_C(0x9E3779B97F4A7C15) + 1;
        each->view = each->role->token ? calloc(1, sizeof(*each->view)) : NULL;
        each->floors = calloc(LEDGER_ITEMS, sizeof(*each->floors));
        if (each->floors == NULL || pthread_create(&each->thread, NULL, run_client, each) != 0)
            abort();
    }
    return new;
}

void load_stop(load *run)
{
    atomic_store(&run->stop, true);
    for (size_t i = 0; i < run->options.clients; i++)
        pthread_join(run->clients[i].thread, NULL);
}

void load_free(load *run)
{
    for (size_t i = 0; i < run->options.clients; i++) {
        client *each = &run->clients[i];

        for (size_t core = 0; core < LEDGER_CORES; core++)
            http_close(each->connections[core]);
        free(each->view);
        free(each->floors);
    }
    free(run);
}

load_figures load_between(load *run, int64_t from, int64_t to)
{
    load_figures figures = {.slowest_us = run->slowest, .unexpected = run->unexpected};

    for (size_t slot = 0; slot < LOAD_SLOTS; slot++) {
        int64_t at = run->began + (int64_t)slot * LOAD_SLOT_US;

        if (at < from || at >= to)
            continue;
        figures.answers += run->answers[slot];
        figures.errors += run->errors[slot];
        if (run->errors[slot] > 0)
            figures.last_error = at + LOAD_SLOT_US;
    }
    return figures;
}

bool load_register_users(uint16_t port, char (*users)[37])
{
    http_client *to = http_connect(port);
    bool good = to != NULL;

    for (int i = 0; good && i < LEDGER_USERS; i++) {
        char body[160];
        http_response response;
        json_object *user = NULL;
        const char *id = NULL;

        snprintf(body, sizeof(body),
                 "{\"email\":\"user%d-%" PRId64 "@example.org\",\"password\":\"password123\"}", i,
                 ledger_now());
        good =
            http_exchange(to, "POST", "/api/auth/register", NULL, body, &response) && response.status == 201;
        if (good)
            user = json_tokener_parse(response.body);
        id = json_object_get_string(json_object_object_get(user, "id"));
        good = id != NULL && strlen(id) == 36;
        if (good)
            strcpy(users[i], id);
        json_object_put(user);
        http_response_clear(&response);
    }
    http_close(to);
    return good;
}
