// A program outside libtodo, in C++: an in-memory store as a class, decorated by a reader that counts, composed with the
// library's use cases.
//
//   c++ counting.cpp $(pkg-config --cflags --libs todo)
//
// It exits with 0 when everything went as it should, and says what did not.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <todo/port/build.h>
#include <todo/todo.h>

#define MUST(condition)                                                                  \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                                \
        }                                                                                \
    } while (0)

namespace
{

// What the library hands out goes back to it.
template <auto Release> struct Releaser {
    template <typename T> void operator()(T *object) const
    {
        Release(object);
    }
};

using Item = std::unique_ptr<const todo_item, Releaser<todo_item_unref>>;
using ItemList = std::unique_ptr<todo_item_list, Releaser<todo_item_list_free>>;
using Reader = std::unique_ptr<todo_reader, Releaser<todo_reader_unref>>;
using Writer = std::unique_ptr<todo_writer, Releaser<todo_writer_unref>>;
using Commands = std::unique_ptr<todo_commands, Releaser<todo_commands_free>>;
using Queries = std::unique_ptr<todo_queries, Releaser<todo_queries_free>>;

// Keeps todos in a vector, oldest first. The library calls the static functions; no exception may leave them.
class Memory
{
  public:
    Reader reader()
    {
        todo_reader_ops ops{};
        todo_reader *handle = nullptr;

        ops.size = sizeof(ops);
        ops.get = get;
        ops.list = list;
        MUST(todo_reader_new(&ops, this, &handle, nullptr) == TODO_OK);
        return Reader(handle);
    }

    Writer writer()
    {
        todo_writer_ops ops{};
        todo_writer *handle = nullptr;

        ops.size = sizeof(ops);
        ops.insert = insert;
        ops.update = update;
        ops.remove = remove;
        MUST(todo_writer_new(&ops, this, &handle, nullptr) == TODO_OK);
        return Writer(handle);
    }

  private:
    std::mutex lock_;
    std::vector<Item> items_;

    std::vector<Item>::iterator find(const todo_uuid &user, const todo_uuid &id)
    {
        return std::find_if(items_.begin(), items_.end(), [&](const Item &item) {
            return todo_uuid_compare(&item->id, &id) == 0 && todo_uuid_compare(&item->user_id, &user) == 0;
        });
    }

    static todo_status get(void *self, const todo_call *, const todo_uuid *user, const todo_uuid *id,
                           const todo_item **ret_item, todo_error *error)
    {
        auto *store = static_cast<Memory *>(self);
        std::lock_guard<std::mutex> guard(store->lock_);
        auto item = store->find(*user, *id);

        if (item == store->items_.end())
            return todo_error_set(error, TODO_ERR_NOT_FOUND, nullptr, nullptr, nullptr);
        *ret_item = todo_item_ref(item->get());
        return TODO_OK;
    }

    static todo_status list(void *self, const todo_call *, const todo_uuid *user,
                            const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *)
    {
        auto *store = static_cast<Memory *>(self);
        std::lock_guard<std::mutex> guard(store->lock_);
        uint32_t visited = 0;

        for (auto item = store->items_.rbegin(); item != store->items_.rend(); ++item) {
            if (todo_uuid_compare(&(*item)->user_id, user) != 0)
                continue;
            if (visited++ == query->limit)
                break;
            if (todo_status status = visit(arg, item->get()); status != TODO_OK)
                return status;
        }
        return TODO_OK;
    }

    static todo_status insert(void *self, const todo_call *, const todo_item *const *items, size_t count,
                              todo_error *error)
    {
        auto *store = static_cast<Memory *>(self);
        std::lock_guard<std::mutex> guard(store->lock_);
        bool taken = std::any_of(items, items + count, [store](const todo_item *item) {
            return store->find(item->user_id, item->id) != store->items_.end();
        });

        if (taken)
            return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", nullptr, nullptr);
        for (size_t i = 0; i < count; i++)
            store->items_.emplace_back(todo_item_ref(items[i]));
        return TODO_OK;
    }

    static todo_status update(void *self, const todo_call *, const todo_uuid *user, const todo_uuid *id,
                              const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                              todo_error *error)
    {
        auto *store = static_cast<Memory *>(self);
        std::lock_guard<std::mutex> guard(store->lock_);
        auto item = store->find(*user, *id);
        const todo_item *changed = nullptr;

        if (item == store->items_.end())
            return todo_error_set(error, TODO_ERR_NOT_FOUND, nullptr, nullptr, nullptr);
        if (todo_status status = todo_item_apply(item->get(), patch, now, &changed, error); status != TODO_OK)
            return status;
        item->reset(changed);
        *ret_item = todo_item_ref(changed);
        return TODO_OK;
    }

    static todo_status remove(void *self, const todo_call *, const todo_uuid *user, const todo_uuid *id,
                              int64_t if_version, todo_error *error)
    {
        auto *store = static_cast<Memory *>(self);
        std::lock_guard<std::mutex> guard(store->lock_);
        auto item = store->find(*user, *id);

        if (item == store->items_.end())
            return todo_error_set(error, TODO_ERR_NOT_FOUND, nullptr, nullptr, nullptr);
        if (if_version != 0 && if_version != (*item)->version)
            return todo_error_set(error, TODO_ERR_PRECONDITION, nullptr, nullptr, nullptr);
        store->items_.erase(item);
        return TODO_OK;
    }
};

// A decorator: passes gets on to another reader, whichever it is, and counts them. It has no list.
class Counting
{
  public:
    explicit Counting(Reader inner) : inner_(std::move(inner))
    {
    }

    unsigned gets = 0;

    // The handle owns the object and deletes it with the last reference.
    static Reader decorate(std::unique_ptr<Counting> counting)
    {
        todo_reader_ops ops{};
        todo_reader *handle = nullptr;

        ops.size = sizeof(ops);
        ops.destroy = [](void *self) { delete static_cast<Counting *>(self); };
        ops.get = [](void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                     const todo_item **ret_item, todo_error *error) {
            auto *decorator = static_cast<Counting *>(self);

            decorator->gets++;
            return todo_reader_get(decorator->inner_.get(), call, user, id, ret_item, error);
        };
        MUST(todo_reader_new(&ops, counting.get(), &handle, nullptr) == TODO_OK);
        counting.release();
        return Reader(handle);
    }

  private:
    Reader inner_;
};

Commands commands_over(todo_writer *writer)
{
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_commands *commands = nullptr;

    options.writer = writer;
    MUST(todo_commands_new(&options, &commands, nullptr) == TODO_OK);
    return Commands(commands);
}

Queries queries_over(todo_reader *reader)
{
    todo_queries_options options = TODO_QUERIES_OPTIONS_INIT;
    todo_queries *queries = nullptr;

    options.reader = reader;
    MUST(todo_queries_new(&options, &queries, nullptr) == TODO_OK);
    return Queries(queries);
}

Item create(const Commands &commands, const todo_uuid &user, const std::string &title)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = nullptr;

    draft.title = title.c_str();
    MUST(todo_commands_create(commands.get(), nullptr, &user, &draft, &item, nullptr) == TODO_OK);
    return Item(item);
}

} // namespace

int main()
{
    Memory memory;
    Commands commands = commands_over(memory.writer().get());
    auto counting = std::make_unique<Counting>(memory.reader());
    Counting *counter = counting.get();
    Reader decorated = Counting::decorate(std::move(counting));
    Queries plain = queries_over(memory.reader().get());
    Queries counted = queries_over(decorated.get());
    todo_uuid ann;
    const todo_item *found = nullptr;
    todo_item_list *list = nullptr;

    MUST(todo_uuid_generate(&ann, nullptr) == TODO_OK);
    Item milk = create(commands, ann, " milk ");
    Item bread = create(commands, ann, "bread");
    MUST(todo_queries_get(counted.get(), nullptr, &ann, &milk->id, &found, nullptr) == TODO_OK);
    Item read(found);
    MUST(std::strcmp(read->title, "milk") == 0);
    MUST(counter->gets == 1);

    // What an implementation does not have is unsupported, not a crash.
    MUST(todo_queries_list(counted.get(), nullptr, &ann, nullptr, &list, nullptr) == TODO_ERR_UNSUPPORTED);
    MUST(todo_queries_list(plain.get(), nullptr, &ann, nullptr, &list, nullptr) == TODO_OK);
    ItemList todos(list);
    MUST(todo_item_list_count(todos.get()) == 2);
    MUST(std::strcmp(todo_item_list_at(todos.get(), 0)->title, "bread") == 0);

    MUST(todo_commands_remove(commands.get(), nullptr, &ann, &milk->id, 1, nullptr) == TODO_OK);
    MUST(todo_queries_get(counted.get(), nullptr, &ann, &milk->id, &found, nullptr) == TODO_ERR_NOT_FOUND);
    std::printf("libtodo %s\n", todo_version());
    return 0;
}
