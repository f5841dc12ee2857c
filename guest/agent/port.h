/* The virtio-serial port `ramet.agent`: bytes in and out without blocking, and the queue of frames to the host. */
#ifndef PORT_H
#define PORT_H

#include "channel.h"

/** Kept free for answers: output of programs is taken only while more than this is left. */
enum { ANSWER_ROOM_BYTES = 65536 };

/** Finds and opens the port. -1 and errno when the machine has none. */
int port_open(void);

/** To be polled for POLLIN; edge-triggered inside, since a port without a host reports a hang-up for ever. */
int port_poll_fd(void);

/** Lowers `*timeout_ms` (-1: none) when a frame is incomplete: one that stays so is one that was cut. */
void port_lower_timeout(long *timeout_ms);

/** Moves bytes both ways as far as they go. Call after each poll, and then port_receive until it is false. */
void port_pump(void);

/** Writes what is queued as far as it goes. */
void port_flush(void);

/** The next frame of this session, or a HELLO, which begins one. */
bool port_receive(struct channel_frame *frame);

/** Queues a frame of this session. What does not fit, or has no session to go to, is left out: `port_room` tells before. */
void port_send(enum frame_type type, unsigned channel, const void *body, size_t length);
size_t port_room(void);
bool port_is_drained(void);
bool port_has_host(void);

/** Begins a session: what was queued for the one before is dropped, but a frame that is half written is completed. */
void port_begin_session(uint32_t session);

/** After a fork: takes in what the parent's host had sent, and no longer trusts the beginning of a frame in it. */
void port_distrust(void);

#endif
