#define _GNU_SOURCE
#include "port.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char port_name[] = "ramet.agent\n";

/*
 *   out:  │ written │ rest of a half-written frame │ whole frames │ free
 *         0         start                                         end
 */
static unsigned char out[8 * MAX_FRAME_BYTES];
static size_t out_start, out_end;
static size_t frame_left; /* bytes of the half-written frame that are still to go */

static struct scanner in;
static uint32_t session;

/* A host writes frames whole; bytes that come later than this belong to another connection. */
enum { FRAME_GAP_MS = 250 };
static long last_bytes_ms;
static int port = -1, poller = -1;

/* The kernel lists ports in /sys/class/virtio-ports/NAME, each with the name that the host gave it (driver virtio_console). */
int port_open(void) {
  in.distrusts = true;
  DIR *ports = opendir("/sys/class/virtio-ports");
  if (ports == NULL) return -1;
  for (struct dirent *entry; port < 0 && (entry = readdir(ports)) != NULL;) {
    char path[300], name[64];
    snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
    if (file_read(path, name, sizeof name) < 0 || strcmp(name, port_name) != 0) continue;
    snprintf(path, sizeof path, "/dev/%s", entry->d_name);
    port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }
  closedir(ports);
  if (port < 0) return -1;
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
  return poller < 0 ? -1 : epoll_ctl(poller, EPOLL_CTL_ADD, port, &events);
}

int port_poll_fd(void) { return poller; }

bool port_has_host(void) {
  struct pollfd polled = {port, POLLOUT, 0};
  return poll(&polled, 1, 0) >= 0 && (polled.revents & POLLHUP) == 0;
}

/* Only what completes a half-written frame is kept: the host may hold its first half. */
static void drop_queue(void) { out_end = out_start + frame_left; }

static void note_written(size_t count) {
  while (count > 0) {
    if (frame_left == 0) {
      const unsigned char *length = out + out_start + 12;
      frame_left = HEADER_BYTES + (length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16);
    }
    size_t step = count < frame_left ? count : frame_left;
    frame_left -= step;
    out_start += step;
    count -= step;
  }
}

static void write_queue(void) {
  if (out_start == out_end) return;
  /*
   * QEMU stops taking output from a port that was written to while nobody held its socket: never do that. The queue is kept, for a host's
   * first bytes may be read before the kernel has told that it is there; whatever is stale goes when a session begins.
   */
  if (!port_has_host()) return;
  while (out_start < out_end) {
    ssize_t wrote = write(port, out + out_start, out_end - out_start);
    if (wrote <= 0) return;
    note_written((size_t)wrote);
  }
  out_start = out_end = 0;
}

static void read_bytes(void) {
  for (;;) {
    size_t room;
    unsigned char *at = scanner_room(&in, &room);
    if (room == 0) return;
    ssize_t got = read(port, at, room);
    if (got == 0) in.distrusts = true; /* the host hung up */
    if (got <= 0) return;
    scanner_added(&in, (size_t)got);
    last_bytes_ms = now_ms();
  }
}

static bool awaits_rest(void) { return in.start < in.end && !in.distrusts; }

/* Set while frames wait in `in`, or in the kernel, for room to answer them. */
static bool held_back;

static bool has_answer_room(void) { return port_room() > ANSWER_ROOM_BYTES / 2; }

void port_lower_timeout(long *timeout_ms) {
  /* There is room again, and no event will say so: what made it was our own write. */
  if (held_back && has_answer_room()) *timeout_ms = 0;
  if (!awaits_rest()) return;
  long left = last_bytes_ms + FRAME_GAP_MS - now_ms();
  if (*timeout_ms < 0 || left < *timeout_ms) *timeout_ms = left < 0 ? 0 : left;
}

void port_pump(void) {
  struct epoll_event event;
  epoll_wait(poller, &event, 1, 0);
  write_queue();
  read_bytes();
  if (awaits_rest() && now_ms() - last_bytes_ms >= FRAME_GAP_MS) in.distrusts = true;
}

bool port_receive(struct channel_frame *frame) {
  held_back = false;
  while (has_answer_room()) {
    if (!scanner_next(&in, frame)) {
      size_t before = in.end - in.start;
      read_bytes();
      if (in.end - in.start == before) return false;
      continue;
    }
    if (frame->type == HELLO || (session != 0 && frame->session == session)) return true;
  }
  held_back = true;
  return false;
}

/*
 * Reads nothing, and takes no event: bytes that were read here would lie unseen until the next ones come, and none may come when the host
 * waits for room that they would give.
 */
void port_flush(void) { write_queue(); }

size_t port_room(void) { return sizeof out - (out_end - out_start); }

void port_send(enum frame_type type, unsigned channel, const void *body, size_t length) {
  if (session == 0 || port_room() < HEADER_BYTES + length) return;
  if (sizeof out - out_end < HEADER_BYTES + length) {
    memmove(out, out + out_start, out_end - out_start);
    out_end -= out_start;
    out_start = 0;
  }
  struct channel_frame frame = {session, (uint16_t)type, (uint16_t)channel, body, (uint32_t)length};
  out_end += channel_encode(out + out_end, &frame);
}

bool port_is_drained(void) { return out_start == out_end; }

void port_begin_session(uint32_t new_session) {
  drop_queue();
  session = new_session;
}

void port_distrust(void) {
  read_bytes();
  in.distrusts = true;
}
