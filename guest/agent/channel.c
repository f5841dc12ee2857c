#include "channel.h"
#include "../lib/c/ramet_mailbox.h"

#include <string.h>

enum verdict { NO_FRAME, INCOMPLETE, COMPLETE };

static const unsigned char magic[4] = {'R', 'A', 'M', '1'};

static uint32_t read32(const unsigned char *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint16_t read16(const unsigned char *at) { return (uint16_t)(at[0] | at[1] << 8); }

static void write32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t checksum(const unsigned char *at, uint32_t length) {
  return ramet_crc32(ramet_crc32(0, at, 16), at + HEADER_BYTES, length);
}

unsigned char *scanner_room(struct scanner *scanner, size_t *room) {
  memmove(scanner->bytes, scanner->bytes + scanner->start, scanner->end - scanner->start);
  scanner->end -= scanner->start;
  scanner->start = 0;
  *room = sizeof scanner->bytes - scanner->end;
  return scanner->bytes + scanner->end;
}

void scanner_added(struct scanner *scanner, size_t count) { scanner->end += count; }

static enum verdict judge(const struct scanner *scanner, size_t at, struct channel_frame *frame) {
  const unsigned char *bytes = scanner->bytes + at;
  size_t length = scanner->end - at;
  if (memcmp(bytes, magic, length < 4 ? length : 4) != 0) return NO_FRAME;
  if (length < HEADER_BYTES) return INCOMPLETE;
  *frame = (struct channel_frame){read32(bytes + 4), read16(bytes + 8), read16(bytes + 10), bytes + HEADER_BYTES, read32(bytes + 12)};
  if (frame->length > MAX_BODY_BYTES) return NO_FRAME;
  if (length < HEADER_BYTES + frame->length) return INCOMPLETE;
  return checksum(bytes, frame->length) == read32(bytes + 16) ? COMPLETE : NO_FRAME;
}

/* A whole HELLO somewhere behind the incomplete frame at `start`. */
static bool find_hello(struct scanner *scanner, struct channel_frame *frame) {
  for (size_t at = scanner->start + 1; at < scanner->end; at++) {
    if (judge(scanner, at, frame) != COMPLETE || frame->type != HELLO) continue;
    scanner->start = at;
    return true;
  }
  return false;
}

bool scanner_next(struct scanner *scanner, struct channel_frame *frame) {
  for (; scanner->start < scanner->end; scanner->start++) {
    enum verdict verdict = judge(scanner, scanner->start, frame);
    if (verdict == NO_FRAME) continue;
    if (verdict == INCOMPLETE && !(scanner->distrusts && find_hello(scanner, frame))) return false;
    if (frame->type == HELLO) scanner->distrusts = false;
    scanner->start += HEADER_BYTES + frame->length;
    return true;
  }
  return false;
}

size_t channel_encode(unsigned char *into, const struct channel_frame *frame) {
  memcpy(into, magic, 4);
  write32(into + 4, frame->session);
  into[8] = (unsigned char)frame->type;
  into[9] = (unsigned char)(frame->type >> 8);
  into[10] = (unsigned char)frame->channel;
  into[11] = (unsigned char)(frame->channel >> 8);
  write32(into + 12, frame->length);
  if (frame->length > 0) memcpy(into + HEADER_BYTES, frame->body, frame->length);
  write32(into + 16, checksum(into, frame->length));
  return HEADER_BYTES + frame->length;
}
