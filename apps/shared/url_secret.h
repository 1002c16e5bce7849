/* Whether a URL carries a secret, and so does not belong where others can read it. */
#ifndef TODO_SHARED_URL_SECRET_H
#define TODO_SHARED_URL_SECRET_H

#include <stdbool.h>

/* Whether there is a password in front of the host or among the parameters. */
bool url_has_secret(const char *url);

#endif
