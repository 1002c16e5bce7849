#include "cases.h"

#include "http_client.h"

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

/* The statuses of the answers on a connection until it is closed, at most as many as asked for. */
static size_t read_statuses(http_client *client, int statuses[], size_t max)
{
    size_t count = 0;
    http_response response = {0};

    while (count < max && http_receive(client, false, &response)) {
        statuses[count++] = response.status;
        http_response_clear(&response);
    }
    return count;
}

static const char *verdict_on_wire(uint16_t port, const char *bytes, size_t length)
{
    static const char next[] = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    http_client *client = http_connect(port);
    int statuses[3];
    size_t count;

    if (client == NULL)
        return "not heard";
    http_send(client, bytes, length);
    http_send_text(client, next);
    count = read_statuses(client, statuses, 3);
    http_close(client);
    if (count == 2 && statuses[1] == 200)
        return statuses[0] == 431 ? "refused"
                                  : "taken"; /* what was read to its end leaves the connection as it is */
    return count == 1 && statuses[0] >= 400 ? "refused" : count == 0 ? "not answered" : "cut up";
}

size_t cases_judge_wire(uint16_t port, const char *implementation)
{
    json_object *cases = cases_load("wire.json");
    size_t failures = 0;

    for (size_t i = 0; i < json_object_array_length(cases); i++) {
        json_object *each = json_object_array_get_idx(cases, i),
                    *bytes = json_object_object_get(each, "bytes");
        const char *own = case_text(json_object_object_get(each, "except"), implementation);
        const char *expected = own != NULL ? own : case_text(each, "verdict");
        const char *verdict =
            verdict_on_wire(port, json_object_get_string(bytes), (size_t)json_object_get_string_len(bytes));

        if (strcmp(verdict, expected) == 0)
            continue;
        printf("# %s: %s\n", case_text(each, "name"), verdict);
        failures++;
    }
    json_object_put(cases);
    return failures;
}
