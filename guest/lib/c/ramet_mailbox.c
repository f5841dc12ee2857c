#define _GNU_SOURCE
#include "ramet_mailbox.h"
#include "ramet_json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The layout of guest/protocol/README.md, section 1. Every number is little-endian, as on x86-64. */
struct frame {
  unsigned char magic[16];
  uint64_t armed_at;
  uint16_t name_length, token_length, part_index, part_count;
  unsigned char name[RAMET_NAME_BYTES];
  unsigned char token[RAMET_TOKEN_BYTES];
  unsigned char generation[16];
  uint32_t crc;
  unsigned char reserved[12];
  uint32_t sequence, length;
  unsigned char payload[RAMET_PART_BYTES];
};
_Static_assert(sizeof(struct frame) == RAMET_FRAME_BYTES, "a frame is one page");
_Static_assert(offsetof(struct frame, crc) == 240 && offsetof(struct frame, sequence) == 256, "the layout of the contract");

/* Split, so that this program's own read-only data holds no second magic. */
static const char magic_head[] = "RAMET-MAI", magic_tail[] = "LBOX-1";

static struct frame *frame_of(const struct ramet_mailbox *box, unsigned part) {
  return (struct frame *)(void *)(box->frames + (size_t)part * RAMET_FRAME_BYTES);
}

static uint32_t sequence_of(const struct frame *frame) { return __atomic_load_n(&frame->sequence, __ATOMIC_ACQUIRE); }

static void set_sequence(struct frame *frame, uint32_t sequence) {
  __atomic_store_n(&frame->sequence, sequence, __ATOMIC_RELEASE);
}

static bool has_magic(const struct frame *frame) {
  return memcmp(frame->magic, magic_head, sizeof magic_head - 1) == 0 &&
         memcmp(frame->magic + sizeof magic_head - 1, magic_tail, sizeof magic_tail) == 0;
}

static int map(struct ramet_mailbox *box, unsigned parts, int fd) {
  int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
  size_t bytes = (size_t)parts * RAMET_FRAME_BYTES;
  void *frames = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (frames == MAP_FAILED) return -1;
  if (mlock(frames, bytes) != 0) {
    munmap(frames, bytes);
    return -1;
  }
  *box = (struct ramet_mailbox){frames, parts};
  return 0;
}

int ramet_mailbox_map(struct ramet_mailbox *box, unsigned parts) {
  if (parts < 1 || parts > RAMET_MAX_PARTS) return errno = EINVAL, -1;
  return map(box, parts, -1);
}

int ramet_mailbox_map_file(struct ramet_mailbox *box, const char *path, unsigned parts) {
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (parts > 0 ? O_CREAT : 0), 0600);
  if (fd < 0) return -1;
  struct stat file;
  int result = fstat(fd, &file);
  if (result == 0 && parts == 0) parts = (unsigned)(file.st_size / RAMET_FRAME_BYTES);
  if (parts < 1 || parts > RAMET_MAX_PARTS) result = -1, errno = EINVAL;
  if (result == 0) result = ftruncate(fd, (off_t)parts * RAMET_FRAME_BYTES);
  if (result == 0) result = map(box, parts, fd);
  int cause = errno;
  close(fd);
  errno = cause;
  return result;
}

void ramet_mailbox_unmap(struct ramet_mailbox *box) {
  munmap(box->frames, (size_t)box->parts * RAMET_FRAME_BYTES);
  box->frames = NULL;
}

static bool is_name(const char *name) {
  size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
  return length >= 1 && length <= RAMET_NAME_BYTES && name[length] == 0;
}

int ramet_mailbox_arm(struct ramet_mailbox *box, const char *name, const char *token, size_t token_length) {
  if (!is_name(name) || token_length < 1 || token_length > RAMET_TOKEN_BYTES) return errno = EINVAL, -1;
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  explicit_bzero(box->frames, (size_t)box->parts * RAMET_FRAME_BYTES);
  for (unsigned part = 0; part < box->parts; part++) {
    struct frame *frame = frame_of(box, part);
    frame->armed_at = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    frame->name_length = (uint16_t)strlen(name);
    frame->token_length = (uint16_t)token_length;
    frame->part_index = (uint16_t)part;
    frame->part_count = (uint16_t)box->parts;
    memcpy(frame->name, name, strlen(name));
    memcpy(frame->token, token, token_length);
  }
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  for (unsigned part = 0; part < box->parts; part++) {
    struct frame *frame = frame_of(box, part);
    memcpy(frame->magic + sizeof magic_head - 1, magic_tail, sizeof magic_tail);
    memcpy(frame->magic, magic_head, sizeof magic_head - 1);
  }
  return 0;
}

static bool agrees(const struct frame *frame, const struct frame *first) {
  return frame->length <= RAMET_PART_BYTES && memcmp(frame->generation, first->generation, 16) == 0 &&
         ramet_crc32(0, frame->payload, frame->length) == frame->crc;
}

enum ramet_state ramet_mailbox_state(const struct ramet_mailbox *box) {
  const struct frame *first = frame_of(box, 0);
  if (!has_magic(first)) return RAMET_UNARMED;
  for (unsigned part = 0; part < box->parts; part++)
    if (sequence_of(frame_of(box, part)) == RAMET_ARMED) return RAMET_ARMED;
  for (unsigned part = 0; part < box->parts; part++)
    if (sequence_of(frame_of(box, part)) == RAMET_CONSUMED) return RAMET_CONSUMED;
  for (unsigned part = 0; part < box->parts; part++)
    if (!agrees(frame_of(box, part), first)) return RAMET_CORRUPT;
  return RAMET_DELIVERED;
}

int ramet_mailbox_name(const struct ramet_mailbox *box, char name[RAMET_NAME_BYTES + 1]) {
  const struct frame *first = frame_of(box, 0);
  if (!has_magic(first) || first->name_length > RAMET_NAME_BYTES) return -1;
  memcpy(name, first->name, first->name_length);
  name[first->name_length] = 0;
  return 0;
}

bool ramet_mailbox_is(const struct ramet_mailbox *box, const char *name, const char *token, size_t token_length) {
  const struct frame *first = frame_of(box, 0);
  return has_magic(first) && first->name_length == strlen(name) && memcmp(first->name, name, strlen(name)) == 0 &&
         first->token_length == token_length && memcmp(first->token, token, token_length) == 0;
}

void ramet_mailbox_generation(const struct ramet_mailbox *box, char uuid[37]) {
  const unsigned char *bytes = frame_of(box, 0)->generation;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *uuid++ = '-';
    uuid += sprintf(uuid, "%02x", bytes[i]);
  }
}

static void discard(struct ramet_mailbox *box) {
  for (unsigned part = 0; part < box->parts; part++) {
    struct frame *frame = frame_of(box, part);
    explicit_bzero(frame->payload, sizeof frame->payload);
    frame->length = 0;
    frame->crc = 0;
    set_sequence(frame, RAMET_CONSUMED);
  }
}

ssize_t ramet_mailbox_take(struct ramet_mailbox *box, char *into, size_t capacity) {
  enum ramet_state state = ramet_mailbox_state(box);
  if (state != RAMET_DELIVERED) return errno = state == RAMET_CORRUPT ? EBADMSG : EAGAIN, -1;
  size_t length = 0;
  for (unsigned part = 0; part < box->parts; part++) length += frame_of(box, part)->length;
  if (length >= capacity) return errno = ENOBUFS, -1;
  char *at = into;
  for (unsigned part = 0; part < box->parts; part++) {
    const struct frame *frame = frame_of(box, part);
    memcpy(at, frame->payload, frame->length);
    at += frame->length;
  }
  *at = 0;
  discard(box);
  return (ssize_t)length;
}

static const char *run_directory(void) {
  const char *directory = getenv("RAMET_RUN_DIR");
  return directory != NULL ? directory : "/run/ramet";
}

/* The agent's word. A program with a run directory of its own finds it in the agent's. -1: this VM has no agent. */
static int open_generation(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/generation", run_directory());
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? open("/run/ramet/generation", O_RDONLY | O_CLOEXEC) : fd;
}

enum identity { NO_AGENT, NOT_APPLIED, APPLIED };

/* Whether this VM has taken the identity that came with the mail: the agent says so in the file `generation`. */
static enum identity identity_of(const struct ramet_mailbox *box) {
  char wanted[37], found[37] = {0};
  int fd = open_generation();
  if (fd < 0) return NO_AGENT;
  ssize_t length = read(fd, found, 36);
  close(fd);
  ramet_mailbox_generation(box, wanted);
  return length == 36 && strcmp(found, wanted) == 0 ? APPLIED : NOT_APPLIED;
}

static long milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long at_most(long limit, long end) {
  long left = end - milliseconds_now();
  return left < 0 ? 0 : left < limit ? left : limit;
}

/* True when the directory changed, false when the time ran out. */
static bool watch(int fd, long ms) {
  struct pollfd watched = {fd, POLLIN, 0};
  char events[4096] __attribute__((aligned(8)));
  if (poll(&watched, 1, (int)ms) <= 0) return false;
  while (read(fd, events, sizeof events) > 0) continue;
  return true;
}

enum ramet_state ramet_mailbox_wait(const struct ramet_mailbox *box, long timeout_ms) {
  const long look_every_ms = 1000;
  /* Mail waits for the identity, as long as an agent is there to apply one. Without an agent it counts alone after two looks. */
  const int looks_without_agent = 2;
  long end = milliseconds_now() + timeout_ms;
  int looks = 0;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  bool watching = fd >= 0 && inotify_add_watch(fd, run_directory(), IN_MOVED_TO | IN_CLOSE_WRITE) >= 0;
  enum ramet_state state;
  for (;;) {
    state = ramet_mailbox_state(box);
    enum identity identity = state == RAMET_DELIVERED ? identity_of(box) : NOT_APPLIED;
    if (state == RAMET_CORRUPT || identity == APPLIED) break;
    if (identity == NO_AGENT && (!watching || looks >= looks_without_agent)) break;
    long ms = timeout_ms < 0 ? look_every_ms : at_most(look_every_ms, end);
    if (ms == 0) {
      state = RAMET_ARMED;
      break;
    }
    if (!watch(fd, ms) && identity == NO_AGENT) looks++;
  }
  if (fd >= 0) close(fd);
  return state;
}

bool ramet_ack_find(const char *payload, size_t length, struct ramet_ack *ack) {
  struct json_value object, host, port, nonce;
  unsigned long long number;
  if (!json_read(payload, length, &object) || !json_member(&object, "ack_host", &host)) return false;
  if (!json_member(&object, "ack_port", &port) || !json_integer(&port, 65535, &number)) return false;
  snprintf(ack->port, sizeof ack->port, "%u", (unsigned)number);
  ack->nonce[0] = 0;
  if (json_member(&object, "ack_nonce", &nonce) && json_string(&nonce, ack->nonce, sizeof ack->nonce) < 0) return false;
  return json_string(&host, ack->host, sizeof ack->host) >= 0;
}

/* What the ack of a mailbox says behind its stage, and the host's answer too. */
static int add_subject(char *into, size_t capacity, const char *mailbox, const char *nonce) {
  int length = snprintf(into, capacity, " mailbox=%s", mailbox);
  if (nonce[0] != 0) length += snprintf(into + length, capacity - (size_t)length, " nonce=%s", nonce);
  return length;
}

static int ack_text(char *into, size_t capacity, const char *mailbox, const char *nonce, const char *failed_reason) {
  int length = snprintf(into, capacity, "stage=%s", failed_reason == NULL ? "applied" : "failed");
  length += add_subject(into + length, capacity - (size_t)length, mailbox, nonce);
  if (failed_reason == NULL) return length;
  length += snprintf(into + length, capacity - (size_t)length, " reason=%.200s", failed_reason);
  for (char *c = strstr(into, " reason=") + 8; *c != 0; c++)
    if (strchr(" \t\r\n\v\f", *c) != NULL) *c = '_';
  return length;
}

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* Its length; 0 and EINVAL when the host is no address. */
static socklen_t address_of(const struct ramet_ack *ack, union address *into) {
  in_port_t port = htons((in_port_t)atoi(ack->port));
  memset(into, 0, sizeof *into);
  if (inet_pton(AF_INET, ack->host, &into->v4.sin_addr) == 1) {
    into->v4.sin_family = AF_INET;
    into->v4.sin_port = port;
    return sizeof into->v4;
  }
  into->v6.sin6_family = AF_INET6;
  into->v6.sin6_port = port;
  if (inet_pton(AF_INET6, ack->host, &into->v6.sin6_addr) == 1) return sizeof into->v6;
  return errno = EINVAL, 0;
}

static int close_with(int fd, int cause) {
  if (fd >= 0) close(fd);
  return errno = cause, -1;
}

static int send_text(int fd, const char *text, int length, const union address *to, socklen_t to_length) {
  return sendto(fd, text, (size_t)length, 0, to_length == 0 ? NULL : &to->any, to_length) == length ? 0 : -1;
}

int ramet_ack_send(const struct ramet_ack *ack, const char *mailbox, const char *failed_reason) {
  char text[640];
  union address address;
  int length = ack_text(text, sizeof text, mailbox, ack->nonce, failed_reason);
  socklen_t address_length = address_of(ack, &address);
  int fd = address_length == 0 ? -1 : socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (send_text(fd, text, length, &address, address_length) != 0) return close_with(fd, errno);
  close(fd);
  return 0;
}

int ramet_ack_ask(struct ramet_ack_question *question, const struct ramet_ack *ack, const char *mailbox, const char *failed_reason) {
  union address address;
  int length = ack_text(question->text, sizeof question->text, mailbox, ack->nonce, failed_reason);
  length += snprintf(question->text + length, sizeof question->text - (size_t)length, " answer=yes");
  question->length = length;
  length = snprintf(question->answer, sizeof question->answer, "stage=heard");
  add_subject(question->answer + length, sizeof question->answer - (size_t)length, mailbox, ack->nonce);
  socklen_t address_length = address_of(ack, &address);
  question->fd = address_length == 0 ? -1 : socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (question->fd < 0) return -1;
  if (connect(question->fd, &address.any, address_length) == 0 && ramet_ack_ask_again(question) == 0) return 0;
  return close_with(question->fd, errno);
}

int ramet_ack_ask_again(const struct ramet_ack_question *question) {
  return send_text(question->fd, question->text, question->length, NULL, 0);
}

bool ramet_ack_is_heard(const struct ramet_ack_question *question, long timeout_ms) {
  char answer[sizeof question->answer];
  struct pollfd socket = {question->fd, POLLIN, 0};
  long end = milliseconds_now() + timeout_ms;
  while (poll(&socket, 1, (int)at_most(timeout_ms, end)) > 0) {
    ssize_t length = recv(question->fd, answer, sizeof answer - 1, MSG_DONTWAIT);
    if (length < 0 && errno == ECONNREFUSED) return true;
    /* Another error of the way, which reading it took away: the answer may still come. */
    if (length < 0) continue;
    answer[length] = 0;
    if (strcmp(answer, question->answer) == 0) return true;
  }
  return false;
}

void ramet_mailbox_refuse(struct ramet_mailbox *box, const char *name) {
  struct ramet_ack ack;
  const struct frame *first = frame_of(box, 0);
  size_t length = first->length <= RAMET_PART_BYTES ? first->length : 0;
  if (box->parts == 1 && ramet_ack_find((const char *)first->payload, length, &ack)) ramet_ack_send(&ack, name, "crc_mismatch");
  discard(box);
}

uint32_t ramet_crc32(uint32_t crc, const void *bytes, size_t length) {
  static uint32_t table[256];
  if (table[255] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t entry = i;
      for (int bit = 0; bit < 8; bit++) entry = (entry >> 1) ^ (0xedb88320u & (0u - (entry & 1)));
      table[i] = entry;
    }
  }
  const unsigned char *at = bytes;
  crc = ~crc;
  while (length-- > 0) crc = table[(crc ^ *at++) & 0xff] ^ (crc >> 8);
  return ~crc;
}
