/* The agent channel's frames as bytes: guest/protocol/README.md, section 3. No I/O. */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
  HELLO = 1,
  HELLO_OK,
  REQUEST,
  RESPONSE,
  STDIN,
  STDOUT,
  STDERR,
  EXIT,
  EVENT,
  RESIZE,
  SIGNAL,
  WINDOW,
};

enum { HEADER_BYTES = 20, MAX_BODY_BYTES = 65536, MAX_FRAME_BYTES = HEADER_BYTES + MAX_BODY_BYTES };

struct channel_frame {
  uint32_t session;
  uint16_t type, channel;
  const unsigned char *body; /* inside the scanner: valid until bytes are added */
  uint32_t length;
};

/*
 * Bytes as they came:   │ taken │ garbage │ RAM1 … frame │ RAM1 … half a frame
 *                       0       start ──►                                     end
 */
struct scanner {
  size_t start, end;
  /* Set while the bytes may begin with a frame that was cut and will never be completed: at the start, after a fork, and
     when the host went away. A HELLO is then also looked for behind an incomplete frame. */
  bool distrusts;
  unsigned char bytes[2 * MAX_FRAME_BYTES];
};

/** Room for more bytes: read up to `*room` bytes to the address returned, then call scanner_added. Never 0. */
unsigned char *scanner_room(struct scanner *scanner, size_t *room);
void scanner_added(struct scanner *scanner, size_t count);

/** The next valid frame; drops what is none. False when more bytes are needed. Call until false before adding bytes. */
bool scanner_next(struct scanner *scanner, struct channel_frame *frame);

/** Writes a frame and returns its length, HEADER_BYTES + body. */
size_t channel_encode(unsigned char *into, const struct channel_frame *frame);

#endif
