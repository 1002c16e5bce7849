#include "list.h"

bool list_has(struct str list, struct str value)
{
    while (list.len > 0) {
        size_t length = str_span_until(list, ',');
        struct str entry = str_trim((struct str){list.ptr, length});

        if (entry.len > 0 && entry.ptr[entry.len - 1] == '*'
                ? str_starts_with(value, (struct str){entry.ptr, entry.len - 1})
                : entry.len > 0 && str_equal(value, entry)) {
            return true;
        }
        list = str_from(list, length == list.len ? length : length + 1);
    }
    return false;
}
