/* The rules of the contract for what people type. Messages and codes are those that clients see. */
#ifndef TODO_DOMAIN_RULES_H
#define TODO_DOMAIN_RULES_H

#include "domain/text.h"

#include <todo/item.h>
#include <todo/user.h>

/* Each checks `text` and gives what is to be stored: a slice of it. */
todo_status todo__rule_title(const char *text, todo__slice *ret_title, todo_error *error);
todo_status todo__rule_display_name(const char *text, todo__slice *ret_name, todo_error *error);

/*
 * The one spelling of an e-mail address, into `ret_email`, of TODO_EMAIL_MAX + 1 bytes: trimmed, in Unicode's NFKC, in lower
 * case, without characters that show nothing.
 */
todo_status todo__rule_email(const char *text, char *ret_email, todo_error *error);

/*
 * The spelling that former versions stored: trimmed, and only ASCII in lower case. False when that is the same as `email`, which
 * todo__rule_email made of `text`, or too long.
 */
bool todo__email_of_former_versions(const char *text, const char *email, char *ret_former);

todo_status todo__rule_password(const char *text, todo_error *error);

#endif
