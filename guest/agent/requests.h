/* What the host may ask for: the operations of guest/protocol/README.md, section 3. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "channel.h"

/** Acts on a frame of the host and answers it. */
void request_receive(const struct channel_frame *frame);

#endif
