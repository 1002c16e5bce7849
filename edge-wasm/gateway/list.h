/**
 * @file list.h
 * Lists in configuration and header fields, separated by commas.
 */
#ifndef EDGE_LIST_H
#define EDGE_LIST_H

#include "../shared/str.h"

/** Whether the list holds the value; an entry that ends in `*` stands for all values that begin so. */
bool list_has(struct str list, struct str value);

#endif
