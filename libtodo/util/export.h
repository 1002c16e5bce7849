/* What plug-ins of this library need of it beside the public functions. libtodo.map names all of it, as LIBTODO_PRIVATE. */
#ifndef TODO_UTIL_EXPORT_H
#define TODO_UTIL_EXPORT_H

#define TODO__EXPORT __attribute__((visibility("default")))

#endif
