#include <todo/version.h>

const char *todo_version(void)
{
    return TODO_VERSION_STRING;
}
