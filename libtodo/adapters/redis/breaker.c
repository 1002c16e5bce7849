#include "adapters/redis/breaker.h"

bool todo__breaker_allows(todo__breaker *breaker, int64_t now)
{
    if (breaker->pause == 0)
        return true;
    if (now < breaker->retry_at)
        return false;
    /* Should the probe never report back, the next one may go after another pause. */
    breaker->retry_at = now + breaker->pause;
    return true;
}

void todo__breaker_succeeded(todo__breaker *breaker)
{
    *breaker = (todo__breaker){0};
}

bool todo__breaker_failed(todo__breaker *breaker, int64_t now)
{
    bool was_open = breaker->pause != 0;

    if (breaker->failures < TODO__BREAKER_THRESHOLD)
        breaker->failures++;
    if (breaker->failures < TODO__BREAKER_THRESHOLD)
        return false;
    breaker->pause = was_open ? breaker->pause * 2 : TODO__BREAKER_PAUSE_MIN_US;
    if (breaker->pause > TODO__BREAKER_PAUSE_MAX_US)
        breaker->pause = TODO__BREAKER_PAUSE_MAX_US;
    breaker->retry_at = now + breaker->pause;
    return !was_open;
}
