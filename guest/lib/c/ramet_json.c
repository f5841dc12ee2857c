#include "ramet_json.h"

#include <stdint.h>
#include <string.h>

static bool skip_value(struct json_cursor *c, int depth);

static void skip_space(struct json_cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) c->at++;
}

static bool skip_char(struct json_cursor *c, char wanted) {
  if (c->at >= c->end || *c->at != wanted) return false;
  c->at++;
  return true;
}

static bool skip_word(struct json_cursor *c, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return false;
  c->at += length;
  return true;
}

static bool skip_digits(struct json_cursor *c) {
  const char *start = c->at;
  while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
  return c->at > start;
}

static bool skip_number(struct json_cursor *c) {
  skip_char(c, '-');
  if (!skip_char(c, '0') && !skip_digits(c)) return false;
  if (skip_char(c, '.') && !skip_digits(c)) return false;
  if (skip_char(c, 'e') || skip_char(c, 'E')) {
    if (!skip_char(c, '+')) skip_char(c, '-');
    if (!skip_digits(c)) return false;
  }
  return true;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The four digits after "\u", or -1. */
static int32_t read_unit(const char *at, const char *end) {
  if (end - at < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

static bool skip_escape(struct json_cursor *c) {
  if (c->at >= c->end) return false;
  char kind = *c->at++;
  if (kind == 'u') {
    if (read_unit(c->at, c->end) < 0) return false;
    c->at += 4;
    return true;
  }
  return kind != 0 && strchr("\"\\/bfnrt", kind) != NULL;
}

/* One character beyond ASCII; the bounds of the second byte are those of RFC 3629, section 4. */
static bool skip_utf8(struct json_cursor *c) {
  const unsigned char *u = (const unsigned char *)c->at;
  int more = u[0] >= 0xc2 && u[0] <= 0xdf ? 1 : (u[0] & 0xf0) == 0xe0 ? 2 : u[0] >= 0xf0 && u[0] <= 0xf4 ? 3 : 0;
  if (more == 0 || c->end - c->at <= more) return false;
  for (int i = 1; i <= more; i++)
    if ((u[i] & 0xc0) != 0x80) return false;
  if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f)) return false;
  if ((u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f)) return false;
  c->at += more + 1;
  return true;
}

static bool skip_string(struct json_cursor *c) {
  if (!skip_char(c, '"')) return false;
  while (c->at < c->end) {
    unsigned char byte = (unsigned char)*c->at;
    if (byte == '"') return skip_char(c, '"');
    if (byte < 0x20) return false;
    if (byte >= 0x80) {
      if (!skip_utf8(c)) return false;
      continue;
    }
    c->at++;
    if (byte == '\\' && !skip_escape(c)) return false;
  }
  return false;
}

static bool skip_array(struct json_cursor *c, int depth) {
  c->at++;
  skip_space(c);
  if (skip_char(c, ']')) return true;
  do {
    if (!skip_value(c, depth)) return false;
  } while (skip_char(c, ','));
  return skip_char(c, ']');
}

static bool skip_object(struct json_cursor *c, int depth) {
  c->at++;
  skip_space(c);
  if (skip_char(c, '}')) return true;
  do {
    skip_space(c);
    if (!skip_string(c)) return false;
    skip_space(c);
    if (!skip_char(c, ':') || !skip_value(c, depth)) return false;
  } while (skip_char(c, ','));
  return skip_char(c, '}');
}

/* A value with the white space around it. */
static bool skip_value(struct json_cursor *c, int depth) {
  if (depth >= JSON_MAX_DEPTH) return false;
  skip_space(c);
  if (c->at >= c->end) return false;
  bool ok;
  switch (*c->at) {
    case '{': ok = skip_object(c, depth + 1); break;
    case '[': ok = skip_array(c, depth + 1); break;
    case '"': ok = skip_string(c); break;
    case 't': ok = skip_word(c, "true"); break;
    case 'f': ok = skip_word(c, "false"); break;
    case 'n': ok = skip_word(c, "null"); break;
    default: ok = skip_number(c);
  }
  skip_space(c);
  return ok;
}

static enum json_type type_of(char first) {
  switch (first) {
    case '{': return JSON_OBJECT;
    case '[': return JSON_ARRAY;
    case '"': return JSON_STRING;
    case 't':
    case 'f': return JSON_BOOL;
    case 'n': return JSON_NULL;
    default: return JSON_NUMBER;
  }
}

static bool take_value(struct json_cursor *c, struct json_value *value) {
  skip_space(c);
  const char *start = c->at;
  if (!skip_value(c, 0)) return false;
  const char *end = c->at;
  while (end > start && strchr(" \t\n\r", end[-1]) != NULL) end--;
  *value = (struct json_value){type_of(*start), start, (size_t)(end - start)};
  return true;
}

bool json_read(const char *text, size_t length, struct json_value *value) {
  struct json_cursor cursor = {text, text + length};
  return take_value(&cursor, value) && cursor.at == cursor.end;
}

void json_open(const struct json_value *container, struct json_cursor *cursor) {
  cursor->at = container->text + 1;
  cursor->end = container->text + container->length - 1;
}

bool json_next(struct json_cursor *cursor, struct json_value *key, struct json_value *value) {
  skip_char(cursor, ',');
  skip_space(cursor);
  if (cursor->at >= cursor->end) return false;
  if (key != NULL && (!take_value(cursor, key) || !skip_char(cursor, ':'))) return false;
  return take_value(cursor, value);
}

bool json_member(const struct json_value *object, const char *key, struct json_value *value) {
  if (object->type != JSON_OBJECT) return false;
  bool found = false;
  struct json_cursor cursor;
  struct json_value name, member;
  json_open(object, &cursor);
  while (json_next(&cursor, &name, &member)) {
    if (!json_key_is(&name, key)) continue;
    *value = member;
    found = true;
  }
  return found;
}

static int encode_utf8(uint32_t point, char *into) {
  if (point < 0x80) return into[0] = (char)point, 1;
  if (point < 0x800) return into[0] = (char)(0xc0 | point >> 6), into[1] = (char)(0x80 | (point & 0x3f)), 2;
  int length = point < 0x10000 ? 3 : 4;
  for (int i = length - 1; i > 0; i--, point >>= 6) into[i] = (char)(0x80 | (point & 0x3f));
  into[0] = (char)((length == 3 ? 0xe0 : 0xf0) | point);
  return length;
}

/* `*at` stands behind "\u" and is moved behind the escape, or both escapes of a pair. */
static uint32_t decode_unit(const char **at, const char *end) {
  uint32_t high = (uint32_t)read_unit(*at, end);
  *at += 4;
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u') return 0xfffd;
  uint32_t low = (uint32_t)read_unit(*at + 2, end);
  if (low < 0xdc00 || low > 0xdfff) return 0xfffd;
  *at += 6;
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

ssize_t json_string(const struct json_value *value, char *into, size_t capacity) {
  if (value->type != JSON_STRING) return -1;
  static const char escapes[] = "b\bf\fn\nr\rt\t";
  const char *at = value->text + 1, *end = value->text + value->length - 1;
  size_t length = 0;
  while (at < end) {
    char bytes[4] = {*at++};
    int count = 1;
    if (bytes[0] == '\\') {
      char kind = *at++;
      const char *escape = strchr(escapes, kind);
      if (kind == 'u') count = encode_utf8(decode_unit(&at, end), bytes);
      else bytes[0] = escape != NULL ? escape[1] : kind;
    }
    if ((count == 1 && bytes[0] == 0) || length + (size_t)count >= capacity) return -1;
    memcpy(into + length, bytes, (size_t)count);
    length += (size_t)count;
  }
  if (length >= capacity) return -1;
  into[length] = 0;
  return (ssize_t)length;
}

bool json_integer(const struct json_value *value, unsigned long long most, unsigned long long *into) {
  const char *at = value->text, *end = value->text + value->length;
  if (value->type == JSON_STRING) at++, end--;
  else if (value->type != JSON_NUMBER) return false;
  if (at == end) return false;
  unsigned long long number = 0;
  for (; at < end; at++) {
    if (*at < '0' || *at > '9') return false;
    unsigned digit = (unsigned)(*at - '0');
    if (number > (most - digit) / 10) return false;
    number = number * 10 + digit;
  }
  *into = number;
  return true;
}

bool json_key_is(const struct json_value *key, const char *name) {
  char decoded[64];
  return json_string(key, decoded, sizeof decoded) >= 0 && strcmp(decoded, name) == 0;
}
