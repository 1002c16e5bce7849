/* The rules of the contract for what people type. Messages and codes are those that clients see. */
#ifndef TODO_DOMAIN_RULES_H
#define TODO_DOMAIN_RULES_H

#include "domain/text.h"

#include <todo/item.h>
#include <todo/user.h>

/* Each checks `text` and gives what is to be stored: a slice of it. */
todo_status todo__rule_title(const char *text, todo__slice *ret_title, todo_error *error);
todo_status todo__rule_display_name(const char *text, todo__slice *ret_name, todo_error *error);

/* Trims and lower-cases (ASCII) into `ret_email`, of TODO_EMAIL_MAX + 1 bytes. */
todo_status todo__rule_email(const char *text, char *ret_email, todo_error *error);

todo_status todo__rule_password(const char *text, todo_error *error);

#endif
