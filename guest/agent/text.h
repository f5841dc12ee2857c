/* Bounded text, files, base64 and the console: what all parts of the agent share. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct text {
  char *bytes;
  size_t capacity, length;
  bool overflowed; /* what did not fit was left out */
};

#define TEXT(name, size)  \
  char name##_bytes[size]; \
  struct text name = {name##_bytes, size, 0, false}; \
  name##_bytes[0] = 0

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t length);
/** Adds a JSON string, quoted and escaped. */
void text_add_json(struct text *text, const char *string);

/** Reads at most capacity - 1 bytes and a NUL. -1 and errno. */
ssize_t file_read(const char *path, char *into, size_t capacity);
/** Writes a new file beside `path` and renames it there, so that a reader sees the old or the new content. -1 and errno. */
int file_replace(const char *path, mode_t mode, const char *content, size_t length);
/**
 * Gives a file this content, in place where a regular file of this user with that mode and one link is there; else by file_replace, also
 * where a link is; what something is mounted on is emptied and written. A file that has the content already is not touched. In place the
 * new bytes are written in one call and then what is longer is cut off: who reads meanwhile may see the new bytes with an end of the old
 * ones. Nothing is promised for a power cut, so it is for what each boot writes again. -1 and errno.
 */
int file_update(const char *path, mode_t mode, const char *content, size_t length);

/** Decodes base64 (RFC 4648, padded). -1 when it is none or does not fit. */
ssize_t base64_decode(const char *text, unsigned char *into, size_t capacity);

/** One line on the console, "ramet: " in front. Never a payload or a token. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** CLOCK_MONOTONIC. */
long now_ms(void);

#endif
