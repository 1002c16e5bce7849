/* What a trusted proxy says about the client. */
#ifndef EDGE_HOST_FORWARDED_H
#define EDGE_HOST_FORWARDED_H

#include "quota.h"
#include "wire.h"

/* The address that the proxy in front of us saw: the last one in X-Forwarded-For or Forwarded, or X-Real-IP; 0 if there is none. */
quota_key forwarded_client(const struct wire *request);

#endif
