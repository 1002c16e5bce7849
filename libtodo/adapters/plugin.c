/* The one symbol of a plug-in. Its meson.build says by which function it opens: TODO_OPEN or TODO_OPEN_CACHE. */
#include <todo/version.h>

#include "adapters/backend.h"
#include "util/export.h"

extern TODO__EXPORT const todo__plugin todo__plugin_of_this_library;

const todo__plugin todo__plugin_of_this_library = {TODO_VERSION_STRING, {TODO_PLUGIN}};
