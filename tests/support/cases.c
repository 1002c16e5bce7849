#include "cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_object *cases_load(const char *name)
{
    char path[512];
    json_object *cases;

    snprintf(path, sizeof(path), "%s/%s", TEST_CASES, name);
    cases = json_object_from_file(path);
    if (!json_object_is_type(cases, json_type_array) || json_object_array_length(cases) == 0) {
        fprintf(stderr, "%s: %s\n", path, json_util_get_last_err());
        abort();
    }
    return cases;
}

const char *case_text(json_object *each, const char *member)
{
    return json_object_get_string(json_object_object_get(each, member));
}

char *case_at(const char *text, int64_t now)
{
    size_t size = strlen(text) * 8 + 1, length = 0;
    char *filled = malloc(size);

    if (filled == NULL)
        abort();
    while (*text != '\0') {
        int64_t seconds;
        int taken = 0;

        if (sscanf(text, "{%" SCNd64 "}%n", &seconds, &taken) == 1 && taken > 0 &&
            (text[1] == '+' || text[1] == '-')) {
            length += (size_t)snprintf(filled + length, size - length, "%" PRId64, now + seconds);
            text += taken;
        } else {
            filled[length++] = *text++;
        }
    }
    filled[length] = '\0';
    return filled;
}
