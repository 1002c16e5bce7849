/**
 * @file json.h
 * The JSON (RFC 8259) forms of entities, drafts and patches, as the HTTP contract has them.
 */
#ifndef TODO_JSON_H
#define TODO_JSON_H

#include <todo/buffer.h>
#include <todo/item.h>
#include <todo/user.h>

TODO_BEGIN_DECLS

/** A parsed JSON document. Drafts and patches read from it point into it, so it must outlive them. */
typedef struct todo_json todo_json;

/**
 * Parses one JSON text strictly: UTF-8 only, no NUL (escaped or not) in a string, no duplicate member, depth at
 * most 32, nothing behind it. `text` need not be NUL-terminated and is not kept. The caller owns the document.
 * INVALID ("json_malformed", "json_duplicate_member", "json_too_deep", "utf8_invalid"), NOMEM. Thread-safe.
 */
TODO_API todo_status todo_json_parse(const char *text, size_t length, todo_json **ret_json,
                                     todo_error *error);

/** Frees a document. NULL is fine. */
TODO_API void todo_json_free(todo_json *json);

/**
 * Reads `{title, description?, id?}`. Unknown members are ignored.
 * UNPROCESSABLE ("type_invalid", "member_missing") with the field. INVALID for a bad `id`.
 */
TODO_API todo_status todo_json_read_draft(todo_json *json, todo_item_draft *draft, todo_error *error);

/**
 * Reads `{"todos":[draft, …]}` into an array of pointers owned by the document.
 * UNPROCESSABLE as todo_json_read_draft, TOO_LARGE ("batch_too_large"), NOMEM.
 */
TODO_API todo_status todo_json_read_batch(todo_json *json, const todo_item_draft *const **ret_drafts,
                                          size_t *ret_count, todo_error *error);

/** Reads any of `{title, description, completed}`. Errors as todo_json_read_draft. */
TODO_API todo_status todo_json_read_patch(todo_json *json, todo_item_patch *patch, todo_error *error);

/** Reads `{email, password, display_name?}`. Errors as todo_json_read_draft. */
TODO_API todo_status todo_json_read_registration(todo_json *json, todo_registration *registration,
                                                 todo_error *error);

/**
 * The value of a string member of the document's top object, owned by the document.
 * UNPROCESSABLE ("member_missing", "type_invalid").
 */
TODO_API todo_status todo_json_read_string(todo_json *json, const char *member, const char **ret_text,
                                           todo_error *error);

/** Appends a todo as a JSON object, with `deleted_at` only for one in the trash and `modseq` only if it is known. NOMEM leaves the buffer as it was. Thread-safe (the buffer is not). */
TODO_API todo_status todo_json_write_item(todo_buffer *buffer, const todo_item *item, todo_error *error);

/** Appends a user (without anything secret) as a JSON object. As todo_json_write_item. */
TODO_API todo_status todo_json_write_user(todo_buffer *buffer, const todo_user *user, todo_error *error);

/** Appends a text as a JSON string, quotes included; invalid UTF-8 is replaced by U+FFFD. As todo_json_write_item. */
TODO_API todo_status todo_json_write_string(todo_buffer *buffer, const char *text, todo_error *error);

TODO_END_DECLS

#endif
