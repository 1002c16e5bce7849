#include "url_secret.h"

#include <string.h>

bool url_has_secret(const char *url)
{
    const char *authority = strstr(url, "://");

    if (authority != NULL) {
        size_t length = strcspn(authority + 3, "/?#");
        const char *at = memrchr(authority + 3, '@', length);

        if (at != NULL && memchr(authority + 3, ':', (size_t)(at - authority - 3)) != NULL)
            return true;
    }
    return strstr(url, "password=") != NULL;
}
