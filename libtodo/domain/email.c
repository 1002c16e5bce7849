#include "domain/rules.h"

#include <string.h>
#include <utf8proc.h>

/* NFKC may make a text shorter (wide letters) or longer: room for what can become an address. */
#define RAW_MAX    (3 * TODO_EMAIL_MAX)
#define POINTS_MAX 1024

/* White space or a control character, neither of which stands unquoted in an address (RFC 5321, 4.1.2). */
static bool has_blank(todo__slice slice)
{
    for (size_t i = 0; i < slice.length; i++)
        if ((unsigned char)slice.text[i] <= ' ' || slice.text[i] == 0x7F)
            return true;
    return false;
}

static todo_status refuse(const char *code, const char *message, todo_error *error)
{
    return todo_error_set(error, TODO_ERR_INVALID, code, "email", message);
}

/* Lower-cases behind the decomposition, so that what a compatibility character stands for is lower-cased too. */
static utf8proc_ssize_t normalize(todo__slice email, utf8proc_int32_t *points)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE;
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)email.text,
                                                (utf8proc_ssize_t)email.length, points, POINTS_MAX, options);

    if (count < 0 || count >= POINTS_MAX)
        return -1;
    for (utf8proc_ssize_t i = 0; i < count; i++)
        points[i] = utf8proc_tolower(points[i]);
    return utf8proc_reencode(points, count, options);
}

todo_status todo__rule_email(const char *text, char *ret_email, todo_error *error)
{
    utf8proc_int32_t points[POINTS_MAX];
    utf8proc_ssize_t length = -1;
    todo__slice email = {text != NULL ? text : "", 0};

    if (!todo__utf8_valid(email.text, strlen(email.text)))
        return refuse("utf8_invalid", "invalid UTF-8", error);
    email = todo__utf8_trim(email.text);
    if (email.length == 0)
        return refuse("email_empty", "email cannot be empty", error);
    if (email.length <= RAW_MAX)
        length = normalize(email, points);
    if (length < 0 || length > (utf8proc_ssize_t)TODO_EMAIL_MAX)
        return refuse("email_too_long", "email must be at most 254 bytes", error);
    email = (todo__slice){(const char *)points, (size_t)length};
    if (memchr(email.text, '@', email.length) == NULL || memchr(email.text, '.', email.length) == NULL ||
        has_blank(email))
        return refuse("email_invalid", "invalid email format", error);
    memcpy(ret_email, email.text, email.length);
    ret_email[email.length] = '\0';
    return TODO_OK;
}

bool todo__email_of_former_versions(const char *text, const char *email, char *ret_former)
{
    todo__slice former = todo__utf8_trim(text);

    if (former.length > TODO_EMAIL_MAX)
        return false;
    for (size_t i = 0; i < former.length; i++) {
        char c = former.text[i];

        ret_former[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret_former[former.length] = '\0';
    return strcmp(ret_former, email) != 0;
}
