/* doctor on the core and the edge, by GET /health. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "doctor.h"
#include "report.h"

#define CLOCK_SKEW 30 /* seconds between two clocks before tokens suffer */

typedef struct ctl_answer {
    long status;
    double milliseconds;
    time_t date; /* of the header; -1: none */
    char server[128];
    char reason[CURL_ERROR_SIZE]; /* why there is no answer; "" when there is */
} ctl_answer;

static size_t read_header(char *line, size_t size, size_t count, void *arg)
{
    ctl_answer *answer = arg;
    char text[256];
    size_t length = size * count;
    snprintf(text, sizeof(text), "%.*s", (int)(length < 255 ? length : 255), line);
    text[strcspn(text, "\r\n")] = '\0';
    if (strncasecmp(text, "date:", 5) == 0)
        answer->date = curl_getdate(text + 5, NULL);
    else if (strncasecmp(text, "server:", 7) == 0)
        snprintf(answer->server, sizeof(answer->server), "%.120s", text + 7 + strspn(text + 7, " "));
    return length;
}

static size_t drop_body(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

static void get_health(const ctl_context *context, const char *url, ctl_answer *ret_answer)
{
    char health[2048];
    double seconds = 0;
    *ret_answer = (ctl_answer){.date = -1};
    snprintf(health, sizeof(health), "%.*s/health",
             (int)(strlen(url) - (url[0] != '\0' && url[strlen(url) - 1] == '/')), url);
    CURL *curl = need_memory(curl_easy_init());
    curl_easy_setopt(curl, CURLOPT_URL, health);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)context->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, ret_answer->reason);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body);
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK && ret_answer->reason[0] == '\0')
        snprintf(ret_answer->reason, sizeof(ret_answer->reason), "%s", curl_easy_strerror(result));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &seconds);
    ret_answer->milliseconds = seconds * 1000;
    curl_easy_cleanup(curl);
}

static void check_skew(ctl_doctor *doctor, const char *name, const ctl_answer *answer)
{
    double skew = difftime(answer->date, time(NULL));
    if (answer->date != -1 && (skew > CLOCK_SKEW || skew < -CLOCK_SKEW)) {
        doctor_report(doctor, FINDING_BROKEN, "clock", "NTP on both machines",
                      "the %s's clock is %.0f s %s this one", name, skew < 0 ? -skew : skew,
                      skew < 0 ? "behind" : "ahead of");
    }
}

void doctor_check_server(ctl_doctor *doctor, const char *name, const char *url)
{
    ctl_answer answer;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    get_health(doctor->context, url, &answer);
    if (answer.reason[0] != '\0') {
        doctor_report(doctor, FINDING_BROKEN, name, "starting it, or another URL", "no answer from %s: %s",
                      url, answer.reason);
    } else if (answer.status != 200) {
        doctor_report(doctor, FINDING_BROKEN, name,
                      answer.status == 503 ? "the same for what is behind it" : "the URL without a path",
                      "%s/health answers %ld", url, answer.status);
    } else {
        doctor_report(doctor, FINDING_OK, name, NULL, "%s answers in %.1f ms%s%s", url, answer.milliseconds,
                      answer.server[0] != '\0' ? ", " : "", answer.server);
        check_skew(doctor, name, &answer);
    }
    if (doctor->last != NULL) {
        json_object_object_add(doctor->last, "latency_us",
                               json_object_new_int64((int64_t)(answer.milliseconds * 1000)));
    }
    curl_global_cleanup();
}
