#include "adapters/redis/page.h"

#include <string.h>

#include "util/alloc.h"
#include "util/refcount.h"

#define FIRST_BYTES    1024u
#define FLAG_COMPLETED 1u
#define FLAG_DESCRIBED 2u
#define FLAGS          (FLAG_COMPLETED | FLAG_DESCRIBED)

/* A todo. Its title follows, and its description if it has one, each with its NUL. */
typedef struct row {
    todo_uuid id;
    todo_time created_at;
    todo_time updated_at;
    int64_t version;
    int64_t modseq;
    uint32_t size;       /* of all of it, a multiple of 8; the flags in the bits that this leaves */
    uint32_t title_size; /* with the NUL */
} row;

/* Whoever adds a member to the todo has to find a place for it here. Lists of the trash are never held. */
_Static_assert(offsetof(todo_item, modseq) + sizeof(int64_t) == sizeof(todo_item),
               "a row holds every member but deleted_at");

struct todo__page {
    todo__refcount refs;
    todo_uuid user;
    size_t limit;
    size_t capacity; /* of all of it, as the others */
    size_t bytes;
    row rows[];
};

todo__page *todo__page_new(const todo_uuid *user, size_t limit)
{
    todo__page *page = limit >= FIRST_BYTES ? todo__malloc(FIRST_BYTES) : NULL;

    if (page == NULL)
        return NULL;
    todo__refcount_init(&page->refs);
    page->user = *user;
    page->limit = limit;
    page->capacity = FIRST_BYTES;
    page->bytes = sizeof(*page);
    return page;
}

static bool resize(todo__page **page, size_t capacity)
{
    todo__page *resized = todo__realloc(*page, capacity);

    if (resized == NULL)
        return false;
    resized->capacity = capacity;
    *page = resized;
    return true;
}

static bool make_room(todo__page **page, size_t bytes)
{
    size_t needed = (*page)->bytes + bytes, capacity = (*page)->capacity;

    if (needed <= capacity)
        return true;
    if (needed > (*page)->limit)
        return false;
    capacity = 2 * capacity > needed ? 2 * capacity : needed;
    return resize(page, capacity < (*page)->limit ? capacity : (*page)->limit);
}

bool todo__page_add(todo__page **page, const todo_item *item)
{
    size_t title = strlen(item->title) + 1;
    size_t description = item->description != NULL ? strlen(item->description) + 1 : 0;
    size_t size = (sizeof(row) + title + description + 7) & ~(size_t)7;
    row *added;

    if (item->deleted_at != 0 || size > (*page)->limit || !make_room(page, size))
        return false;
    added = (row *)((char *)*page + (*page)->bytes);
    *added = (row){.id = item->id,
                   .created_at = item->created_at,
                   .updated_at = item->updated_at,
                   .version = item->version,
                   .modseq = item->modseq,
                   .size = (uint32_t)size | (item->completed ? FLAG_COMPLETED : 0) |
                           (item->description != NULL ? FLAG_DESCRIBED : 0),
                   .title_size = (uint32_t)title};
    memcpy(added + 1, item->title, title);
    if (description > 0)
        memcpy((char *)(added + 1) + title, item->description, description);
    (*page)->bytes += size;
    return true;
}

void todo__page_finish(todo__page **page)
{
    (void)resize(page, (*page)->bytes);
}

todo__page *todo__page_ref(todo__page *page)
{
    todo__refcount_take(&page->refs);
    return page;
}

void todo__page_unref(todo__page *page)
{
    if (page != NULL && todo__refcount_drop(&page->refs))
        todo__free(page);
}

todo_status todo__page_visit(const todo__page *page, todo_item_visit visit, void *arg)
{
    const char *at = (const char *)page->rows, *end = (const char *)page + page->bytes;
    todo_item item = {.user_id = page->user};
    todo_status status = TODO_OK;

    while (at < end && status == TODO_OK) {
        const row *this = (const row *)at;

        item.id = this->id;
        item.title = at + sizeof(*this);
        item.description = (this->size & FLAG_DESCRIBED) != 0 ? item.title + this->title_size : NULL;
        item.completed = (this->size & FLAG_COMPLETED) != 0;
        item.created_at = this->created_at;
        item.updated_at = this->updated_at;
        item.version = this->version;
        item.modseq = this->modseq;
        at += this->size & ~FLAGS;
        status = visit(arg, &item);
    }
    return status;
}

size_t todo__page_bytes(const todo__page *page)
{
    return page->bytes;
}
