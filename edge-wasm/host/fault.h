/* The host's own answers, where no guest can give one. */
#ifndef EDGE_HOST_FAULT_H
#define EDGE_HOST_FAULT_H

#include "request.h"
#include "sink.h"

/* Puts an answer on its way; the connection is to be closed behind it. `request` NULL: its head could not be read. */
void fault_answer(struct sink *answer, struct transport *transport, const struct request_fault *fault,
                  const struct wire *request);

#endif
