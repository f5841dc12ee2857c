/*
 * A small strict JSON reader (RFC 8259) that allocates nothing: values are slices of the text they were read from.
 * Read a text once with json_read; its slices are then known to be well formed.
 */
#ifndef RAMET_JSON_H
#define RAMET_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/** Deeper nesting is refused: the reader recurses, and its stack must stay bounded whatever the text is. */
enum { JSON_MAX_DEPTH = 32 };

struct json_value {
  enum json_type type;
  const char *text; /* the value as it stands in the text; strings with their quotes */
  size_t length;
};

struct json_cursor {
  const char *at;
  const char *end;
};

/** Reads a whole text. False when it is anything but one JSON value, is no UTF-8, or nests too deeply. */
bool json_read(const char *text, size_t length, struct json_value *value);

/** Walks an array (`key` NULL) or an object in the order of the text. False at the end. */
void json_open(const struct json_value *container, struct json_cursor *cursor);
bool json_next(struct json_cursor *cursor, struct json_value *key, struct json_value *value);

/** Finds an object's member; of equal keys the last. False when there is none or `object` is no object. */
bool json_member(const struct json_value *object, const char *key, struct json_value *value);

/**
 * Decodes a string as UTF-8, with a NUL behind it, and returns its length. A lone surrogate becomes U+FFFD.
 * Returns -1 when it is no string, does not fit, or holds a NUL, which no C string can carry.
 */
ssize_t json_string(const struct json_value *value, char *into, size_t capacity);

/** Reads a non-negative integer, written as a number or as a string of digits. False when it is neither or over `most`. */
bool json_integer(const struct json_value *value, unsigned long long most, unsigned long long *into);

bool json_key_is(const struct json_value *key, const char *name);

#endif
