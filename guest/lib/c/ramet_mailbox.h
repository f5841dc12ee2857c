/*
 * A mailbox: a named place in this guest's memory that the host fills while the VM is paused for a fork.
 *
 *      map ──► arm ──► ARMED ──(host, VM paused)──► DELIVERED ──take──► CONSUMED ──► ack
 *               ▲                                                          │
 *               └──────────────────────────── arm again ───────────────────┘
 *
 * The bytes are those of guest/protocol/README.md, section 1. Nothing here allocates; one thread per mailbox.
 */
#ifndef RAMET_MAILBOX_H
#define RAMET_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  RAMET_FRAME_BYTES = 4096,
  RAMET_PART_BYTES = 3832,
  RAMET_MAX_PARTS = 32,
  RAMET_NAME_BYTES = 64,
  RAMET_TOKEN_BYTES = 128,
};

enum ramet_state {
  RAMET_UNARMED = -2, /* no frame stands there */
  RAMET_CORRUPT = -1, /* delivered, but a checksum, a length or the parts' generations do not agree */
  RAMET_ARMED = 0,
  RAMET_DELIVERED = 1,
  RAMET_CONSUMED = 2,
};

struct ramet_mailbox {
  unsigned char *frames; /* `parts` pages of 4096 bytes */
  unsigned parts;
};

/** Where the host wants to hear that a payload was applied. */
struct ramet_ack {
  char host[64];
  char port[6];
  char nonce[129];
};

/** Takes locked, page-aligned memory for `parts` frames (1–32). Shared with children of fork(2), so that one copy exists. -1 and errno. */
int ramet_mailbox_map(struct ramet_mailbox *box, unsigned parts);

/** The same on a file of tmpfs, mode 0600, so that the mailbox outlives the process. `parts` 0: as many as the file holds. */
int ramet_mailbox_map_file(struct ramet_mailbox *box, const char *path, unsigned parts);

/** Gives the memory back. Frames in anonymous memory are erased, so that no stale copy of a marker stays behind. */
void ramet_mailbox_unmap(struct ramet_mailbox *box);

/** Arms, or arms again. -1 and EINVAL when the name is not `^[A-Za-z0-9._:-]{1,64}$` or the token is not 1–128 bytes. */
int ramet_mailbox_arm(struct ramet_mailbox *box, const char *name, const char *token, size_t token_length);

enum ramet_state ramet_mailbox_state(const struct ramet_mailbox *box);

/** The mailbox's name, with a NUL. -1 when no frame stands there. */
int ramet_mailbox_name(const struct ramet_mailbox *box, char name[RAMET_NAME_BYTES + 1]);

/** Whether this very marker stands there: name and token are equal. */
bool ramet_mailbox_is(const struct ramet_mailbox *box, const char *name, const char *token, size_t token_length);

/** The UUID of what was delivered, as text with a NUL. */
void ramet_mailbox_generation(const struct ramet_mailbox *box, char uuid[37]);

/**
 * Waits until a payload was delivered and this VM has taken its own identity; at most `timeout_ms`, without end when negative.
 * It watches $RAMET_RUN_DIR (default /run/ramet) and looks once a second. Where no agent is, whose file `generation` would say so,
 * mail counts after two looks.
 * Returns RAMET_DELIVERED, RAMET_CORRUPT, or RAMET_ARMED when the time ran out.
 */
enum ramet_state ramet_mailbox_wait(const struct ramet_mailbox *box, long timeout_ms);

/**
 * Copies the payload out with a NUL behind it, erases it from the frames and marks them consumed. Returns its length.
 * -1 and EAGAIN when none was delivered, EBADMSG when it is corrupt, ENOBUFS when it does not fit; then nothing changes.
 * parts × RAMET_PART_BYTES + 1 bytes always suffice.
 */
ssize_t ramet_mailbox_take(struct ramet_mailbox *box, char *into, size_t capacity);

/** Discards a corrupt payload, and tells the host "failed" when what came still says where it listens. */
void ramet_mailbox_refuse(struct ramet_mailbox *box, const char *name);

/** Finds the ack's address in a payload. False when the host asked for no ack. */
bool ramet_ack_find(const char *payload, size_t length, struct ramet_ack *ack);

/** Sends "applied", or "failed" with a reason (white space in it becomes "_"). One UDP datagram. -1 and errno. */
int ramet_ack_send(const struct ramet_ack *ack, const char *mailbox, const char *failed_reason);

/** An ack that the host is asked to answer. */
struct ramet_ack_question {
  int fd; /* the caller closes it */
  int length;
  char text[640];
  char answer[256];
};

/** Sends the same as ramet_ack_send, and asks the host to say that it has heard it. -1 and errno. */
int ramet_ack_ask(struct ramet_ack_question *question, const struct ramet_ack *ack, const char *mailbox, const char *failed_reason);

/** Sends it again, for a datagram may be lost. -1 and errno. */
int ramet_ack_ask_again(const struct ramet_ack_question *question);

/** Whether the host says within this time that it has heard the ack, or that nobody listens there any more. */
bool ramet_ack_is_heard(const struct ramet_ack_question *question, long timeout_ms);

/** CRC-32 (IEEE 802.3, as in zlib) of more bytes; start with 0. */
uint32_t ramet_crc32(uint32_t crc, const void *bytes, size_t length);

#endif
