/*
 * What file operations say and hear, on the standard streams of the process that does them; guest/protocol/README.md, section 4.
 *
 *     0 │ type        │ 1   'H' header, 'D' data, 'E' end of a file, 'R' result, 'X' failure
 *     1 │ body length │ 4   little-endian, 0–65536
 *     5 │ body        │     JSON, but for 'D' and 'E'
 */
#ifndef FILE_RECORD_H
#define FILE_RECORD_H

#include "text.h"

#include <stddef.h>

enum record_type { RECORD_HEADER = 'H', RECORD_DATA = 'D', RECORD_END = 'E', RECORD_RESULT = 'R', RECORD_FAILURE = 'X' };

enum { RECORD_HEAD_BYTES = 5, RECORD_MAX_BYTES = 65536 };

struct record {
  int type;
  const unsigned char *body; /* valid until the next record is received */
  size_t length;
};

/** Writes a record to standard output. False when nobody reads any more. */
bool record_send(enum record_type type, const void *body, size_t length);

/** The same for a JSON text; a text that is too long or no UTF-8 becomes a failure about `path`, and false. */
bool record_send_text(enum record_type type, const struct text *json, const char *path);

/** Reads a record from standard input. False at its end, and when what comes is none. */
bool record_receive(struct record *record);

/** Says what failed with which path, and returns false. @param cause an errno, or 0 when `what` says it all. */
bool record_fail(const char *what, const char *path, int cause);

#endif
