#include "claims.h"
#include "../shared/messages.h"
#include "decimal.h"
#include "json_members.h"

#define ISSUED_AHEAD_LIMIT \
    60 /* seconds that `iat` may be ahead of us: it is no promise about time, but should be sane */

struct claims {
    const struct expectations *expectations;
    bool has_expiry, has_subject, has_audience;
    bool issuer_matches, audience_matches;
    int64_t expiry, not_before, issued_at;
    char user_id[36];
};

bool uuid_read(struct str text, char ret_uuid[36])
{
    if (text.len != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        char c = ascii_lower(text.ptr[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
        ret_uuid[i] = c;
    }
    return true;
}

/* A NumericDate (RFC 7519, 2), of which a fraction of a second is cut off. */
static bool visit_time(const struct json_value *value, int64_t *ret_seconds)
{
    return value->type == JSON_NUMBER && decimal_whole(value->text, ret_seconds);
}

static bool visit_subject(struct claims *claims, const struct json_value *value)
{
    if (value->type == JSON_STRING) {
        claims->has_subject = uuid_read(value->text, claims->user_id);
    }
    return value->type == JSON_STRING || value->type == JSON_NULL;
}

/* An element of `aud`, or `aud` itself when it is a string (RFC 7519, 4.1.3). */
static bool visit_audience(struct claims *claims, const struct json_value *value)
{
    struct str wanted = claims->expectations->audience;

    if (value->type == JSON_STRING && wanted.ptr != NULL && str_equal(value->text, wanted)) {
        claims->audience_matches = true;
    }
    return value->type == JSON_STRING;
}

static bool visit_issuer(struct claims *claims, const struct json_value *value)
{
    struct str wanted = claims->expectations->issuer;

    claims->issuer_matches =
        value->type == JSON_STRING && wanted.ptr != NULL && str_equal(value->text, wanted);
    return value->type == JSON_STRING;
}

/* A claim is a member of the payload itself: what has its name in a nested object says nothing. */
static bool visit(void *context, struct str name, const struct json_value *value)
{
    struct claims *claims = context;

    if (json_is_top_element(value) && str_equal(name, STR("aud"))) {
        return visit_audience(claims, value);
    }
    if (!json_is_top_member(value)) {
        return true;
    }
    if (str_equal(name, STR("exp"))) {
        claims->has_expiry = true;
        return visit_time(value, &claims->expiry);
    }
    if (str_equal(name, STR("nbf"))) {
        return visit_time(value, &claims->not_before);
    }
    if (str_equal(name, STR("iat"))) {
        return visit_time(value, &claims->issued_at);
    }
    if (str_equal(name, STR("sub"))) {
        return visit_subject(claims, value);
    }
    if (str_equal(name, STR("iss"))) {
        return visit_issuer(claims, value);
    }
    if (str_equal(name, STR("aud"))) {
        claims->has_audience = true;
        return value->type == JSON_ARRAY || visit_audience(claims, value);
    }
    return true;
}

/* RFC 7519: `exp` is the first moment at which the token is no longer good, `nbf` the first at which it is. */
static const char *judge_times(const struct claims *claims, int64_t now)
{
    int64_t leeway = claims->expectations->leeway;

    if (now - leeway >= claims->expiry) {
        return TOKEN_EXPIRED;
    }
    if (claims->not_before > now + leeway) {
        return TOKEN_NOT_YET_VALID;
    }
    return claims->issued_at > now + leeway + ISSUED_AHEAD_LIMIT ? TOKEN_ISSUED_AHEAD : NULL;
}

static const char *judge_parties(const struct claims *claims)
{
    const struct expectations *expectations = claims->expectations;

    if (expectations->issuer.ptr != NULL && !claims->issuer_matches) {
        return TOKEN_ISSUER;
    }
    if ((expectations->audience.ptr != NULL || claims->has_audience) && !claims->audience_matches) {
        return TOKEN_AUDIENCE;
    }
    return NULL;
}

const char *claims_judge(struct str payload, const struct expectations *expectations, int64_t now,
                         char ret_user_id[36])
{
    struct claims claims = {.expectations = expectations};

    if (!json_read_object(payload, visit, &claims) || !claims.has_expiry) {
        return TOKEN_PAYLOAD_JSON;
    }
    const char *error = judge_parties(&claims);
    if (error == NULL) {
        error = judge_times(&claims, now);
    }
    if (error != NULL) {
        return error;
    }
    if (!claims.has_subject) {
        return TOKEN_SUBJECT;
    }
    memcpy(ret_user_id, claims.user_id, sizeof claims.user_id);
    return NULL;
}
