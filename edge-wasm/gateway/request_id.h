/**
 * @file request_id.h
 * Ids that tie a request's log lines, answer and error report together.
 */
#ifndef EDGE_REQUEST_ID_H
#define EDGE_REQUEST_ID_H

/** Writes a fresh random UUID (version 4, RFC 9562, 5.4) in canonical spelling, without a NUL. */
void request_id_make(char ret_id[36]);

#endif
