/*
 * The agent's parts that need no VM, driven by lines on stdin and answered by lines on stdout (bytes as hexadecimal):
 *
 *   scan distrusts|trusts STEP BYTES    one line for each frame "SESSION TYPE CHANNEL BODY", then "end"
 *   encode SESSION TYPE CHANNEL BODY    the frame
 *   crc BYTES                           a number
 *   json BYTES                          "ok" and the string's bytes when it is a string; else "ok" or "refused"
 *   member KEY BYTES                    the member as it stands in the text, or "none"
 *   base64 TEXT                         the bytes, or "refused"
 *   update PATH MODE BYTES              "done" or "failed"; the mode is octal
 *   replace PATH MODE BYTES             the same
 */
#define _GNU_SOURCE
#include "../../lib/c/ramet_json.h"
#include "../../lib/c/ramet_mailbox.h"
#include "../channel.h"
#include "../text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *bytes;
static size_t length;

static void read_hex(const char *hex) {
  length = strlen(hex) / 2;
  /* Exactly as long as its content, so that the sanitizer sees a read behind it. */
  bytes = realloc(bytes, length + (length == 0));
  for (size_t i = 0; i < length; i++) {
    unsigned value = 0;
    sscanf(hex + 2 * i, "%2x", &value);
    bytes[i] = (unsigned char)value;
  }
}

static void print_hex(const void *from, size_t count) {
  for (size_t i = 0; i < count; i++) printf("%02x", ((const unsigned char *)from)[i]);
}

static void print_frames(struct scanner *scanner) {
  struct channel_frame frame;
  while (scanner_next(scanner, &frame)) {
    printf("%u %u %u ", frame.session, frame.type, frame.channel);
    print_hex(frame.body, frame.length);
    puts("");
  }
}

static void scan(bool distrusts, size_t step) {
  static struct scanner scanner;
  scanner.start = scanner.end = 0;
  scanner.distrusts = distrusts;
  for (size_t at = 0; at < length;) {
    size_t room, count = step < length - at ? step : length - at;
    unsigned char *into = scanner_room(&scanner, &room);
    if (count > room) count = room;
    memcpy(into, bytes + at, count);
    scanner_added(&scanner, count);
    at += count;
    print_frames(&scanner);
  }
  puts("end");
}

static void encode(unsigned session, unsigned type, unsigned channel) {
  static unsigned char into[MAX_FRAME_BYTES];
  struct channel_frame frame = {session, (uint16_t)type, (uint16_t)channel, bytes, (uint32_t)length};
  print_hex(into, channel_encode(into, &frame));
  puts("");
}

static void json(void) {
  static char decoded[65536];
  struct json_value value;
  if (!json_read((const char *)bytes, length, &value)) {
    puts("refused");
    return;
  }
  printf("ok ");
  ssize_t count = json_string(&value, decoded, sizeof decoded);
  if (count > 0) print_hex(decoded, (size_t)count);
  puts("");
}

static void member(const char *key) {
  struct json_value object, value;
  if (json_read((const char *)bytes, length, &object) && json_member(&object, key, &value)) print_hex(value.text, value.length);
  else printf("none");
  puts("");
}

static void base64(const char *text) {
  unsigned char decoded[512];
  ssize_t count = base64_decode(text, decoded, sizeof decoded);
  if (count < 0) printf("refused");
  else print_hex(decoded, (size_t)count);
  puts("");
}

static void write_file(int write(const char *, mode_t, const char *, size_t), const char *path, const char *mode) {
  puts(write(path, (mode_t)strtoul(mode, NULL, 8), (const char *)bytes, length) == 0 ? "done" : "failed");
}

static void answer(char *word[5]) {
  if (strcmp(word[0], "base64") == 0) return base64(word[1]);
  bool is_file = strcmp(word[0], "update") == 0 || strcmp(word[0], "replace") == 0;
  read_hex(is_file ? word[3] : strcmp(word[0], "scan") == 0 ? word[3] : strcmp(word[0], "encode") == 0 ? word[4] : strcmp(word[0], "member") == 0 ? word[2] : word[1]);
  if (strcmp(word[0], "scan") == 0) scan(strcmp(word[1], "distrusts") == 0, (size_t)atol(word[2]));
  if (strcmp(word[0], "encode") == 0) encode((unsigned)strtoul(word[1], NULL, 10), (unsigned)atoi(word[2]), (unsigned)atoi(word[3]));
  if (strcmp(word[0], "crc") == 0) printf("%u\n", ramet_crc32(0, bytes, length));
  if (strcmp(word[0], "json") == 0) json();
  if (is_file) write_file(word[0][0] == 'u' ? file_update : file_replace, word[1], word[2]);
  if (strcmp(word[0], "member") == 0) member(word[1]);
}

int main(void) {
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    char *rest = line, *word[5];
    line[strcspn(line, "\n")] = 0;
    for (int i = 0; i < 5; i++) {
      char *next = strsep(&rest, " ");
      word[i] = next == NULL ? "" : next;
    }
    answer(word);
  }
  free(line);
  free(bytes);
  return 0;
}
