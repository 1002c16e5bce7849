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
 * Reads a draft: the fields that todo/fields.h lets a draft have, of which `title` is required. Members that are no field
 * are ignored. A field that no draft has is refused by its name, unless it is null.
 * UNPROCESSABLE ("type_invalid", "member_missing", "read_only") with the field. INVALID for a value that the field cannot have,
 * such as an `id` that is no UUID.
 */
TODO_API todo_status todo_json_read_draft(todo_json *json, todo_item_draft *draft, todo_error *error);

/**
 * Reads `{"todos":[draft, …]}` into an array of pointers owned by the document.
 * UNPROCESSABLE as todo_json_read_draft, TOO_LARGE ("batch_too_large"), NOMEM.
 */
TODO_API todo_status todo_json_read_batch(todo_json *json, const todo_item_draft *const **ret_drafts,
                                          size_t *ret_count, todo_error *error);

/**
 * Reads a patch: the fields that todo/fields.h lets a patch have. `version` becomes `if_version`. Members that are no field are
 * ignored; those of fields that a patch does not have must be of their kind, and are for todo_json_check_read_only. Errors as
 * todo_json_read_draft.
 */
TODO_API todo_status todo_json_read_patch(todo_json *json, todo_item_patch *patch, todo_error *error);

/** Whether the document's top object has a member of a field that a patch does not have. False for NULL. Thread-safe. */
TODO_API bool todo_json_has_read_only(const todo_json *json);

/**
 * Checks that such members say what `item` has: a client may send a whole todo back, but what it cannot change is not dropped in
 * silence. PRECONDITION when `version` is another one, UNPROCESSABLE ("read_only") with the field for any other difference, and
 * as todo_json_read_draft for values of the wrong kind. Thread-safe.
 */
TODO_API todo_status todo_json_check_read_only(const todo_json *json, const todo_item *item,
                                               todo_error *error);

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
