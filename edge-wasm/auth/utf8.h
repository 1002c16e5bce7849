/**
 * @file utf8.h
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef EDGE_UTF8_H
#define EDGE_UTF8_H

#include "../shared/str.h"

bool utf8_valid(struct str text);

#endif
