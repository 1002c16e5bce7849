/**
 * @file config.h
 * What the operator configures of the gateway (docs/edge.md), read from the environment once per instance.
 */
#ifndef EDGE_CONFIG_H
#define EDGE_CONFIG_H

#include "../shared/str.h"

struct config {
    bool usable;          /**< false when a variable makes no sense: the edge then refuses to forward */
    bool https;           /**< CORE_URL's scheme */
    struct str authority; /**< CORE_URL's host and port */
    struct str
        edge_secret;  /**< EDGE_SECRET; `ptr` NULL when not set: the core then refuses what is protected */
    bool trust_proxy; /**< EDGE_TRUST_PROXY=1: a proxy in front writes X-Forwarded-* and Forwarded */
    long connect_timeout;    /**< EDGE_CONNECT_TIMEOUT, in seconds */
    long idle_timeout;       /**< EDGE_IDLE_TIMEOUT, in seconds: how long nothing may move */
    struct str cors_origins; /**< EDGE_CORS_ORIGINS, separated by commas; `ptr` NULL: CORS is off */
    bool signs; /**< EDGE_ASSERTION=signed: X-Edge-Verified is a signature, not the secret itself */
    struct str open_paths; /**< EDGE_OPEN_PATHS, see route.h */
};

/** The configuration. Loads it on the first call; allocates then. */
const struct config *config_get(void);

#endif
