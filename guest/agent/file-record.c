#define _GNU_SOURCE
#include "file-record.h"
#include "../lib/c/ramet_json.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static unsigned char received[RECORD_MAX_BYTES];

/* A pipe takes less than asked for when its reader is slow. */
static bool write_whole(struct iovec parts[2]) {
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    ssize_t wrote = writev(STDOUT_FILENO, parts, 2);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    for (int i = 0; i < 2; i++) {
      size_t step = (size_t)wrote < parts[i].iov_len ? (size_t)wrote : parts[i].iov_len;
      parts[i].iov_base = (char *)parts[i].iov_base + step;
      parts[i].iov_len -= step;
      wrote -= (ssize_t)step;
    }
  }
  return true;
}

bool record_send(enum record_type type, const void *body, size_t length) {
  unsigned char head[RECORD_HEAD_BYTES] = {(unsigned char)type, (unsigned char)length, (unsigned char)(length >> 8),
                                           (unsigned char)(length >> 16), (unsigned char)(length >> 24)};
  struct iovec parts[2] = {{head, sizeof head}, {(void *)(uintptr_t)body, length}};
  return write_whole(parts);
}

bool record_send_text(enum record_type type, const struct text *json, const char *path) {
  struct json_value checked;
  if (json->overflowed) return record_fail("the path is too long", "", 0);
  if (!json_read(json->bytes, json->length, &checked)) return record_fail("a name here is no UTF-8", path, 0);
  return record_send(type, json->bytes, json->length);
}

static bool read_whole(unsigned char *into, size_t length) {
  while (length > 0) {
    ssize_t got = read(STDIN_FILENO, into, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    length -= (size_t)got;
  }
  return true;
}

bool record_receive(struct record *record) {
  unsigned char head[RECORD_HEAD_BYTES];
  if (!read_whole(head, sizeof head)) return false;
  size_t length = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
  if (length > sizeof received || !read_whole(received, length)) return false;
  *record = (struct record){head[0], received, length};
  return true;
}

/* Bytes that are no UTF-8 would make the failure itself unreadable. */
static const char *shown(const char *path) {
  TEXT(quoted, 8 * 4096);
  struct json_value checked;
  text_add_json(&quoted, path);
  return !quoted.overflowed && json_read(quoted.bytes, quoted.length, &checked) ? path : "";
}

bool record_fail(const char *what, const char *path, int cause) {
  static char bytes[RECORD_MAX_BYTES];
  struct text failure = {bytes, sizeof bytes, 0, false};
  TEXT(message, 512);
  text_add(&message, cause == 0 ? "%s" : "%s: %s", what, strerror(cause));
  text_add(&failure, "{\"message\":");
  text_add_json(&failure, message.bytes);
  text_add(&failure, ",\"path\":");
  text_add_json(&failure, shown(path));
  text_add(&failure, "}");
  record_send(RECORD_FAILURE, failure.bytes, failure.length);
  return false;
}
