/*
 * Tells which pages of a guest's RAM were written. The dynamic linker loads it into QEMU (ld.so(8), LD_PRELOAD), since a process can have only its
 * own memory watched; QEMU itself is as its package brings it.
 *
 *     server ──request──► thread in QEMU ──ioctl──► kernel         everything else in QEMU goes on
 *            ◄──answer───
 *
 * A request is 24 bytes, an answer a row of blocks; all numbers are 64 bits in the processor's own order, addresses those of this process:
 *
 *     request   operation │ start │ end
 *     block     count     │ start, end │ start, end │ …             ascending, disjoint, within the request's range
 *     answer    blocks ending with one whose count is 0, or is negative: the errno of what failed
 *
 *     0  REGISTER   has the range watched, if it is not yet
 *     1  OWN        pages that the process has of its own: copies of its file's, or new ones
 *     2  WRITTEN    those of them that were written since they were told last, by either
 *
 * What is told is protected against writing in the same step of the kernel's. The first write afterwards takes the protection away, in the kernel and
 * without anybody's help (UFFD_FEATURE_WP_ASYNC): a page that is read after it was told is either as read or told again.
 * Linux 6.7 or newer; Documentation/admin-guide/mm/userfaultfd.rst and pagemap.rst. The headers of a build may be older than the kernel.
 *
 * Built without a C library of its own, so that it runs with whichever QEMU was linked with: what it calls, every one has alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct uffd_api {
  uint64_t api, features, ioctls;
};

struct uffd_register {
  uint64_t start, length, mode, ioctls;
};

struct page_region {
  uint64_t start, end, categories;
};

struct scan {
  uint64_t size, flags, start, end, walk_end, regions, regions_length, max_pages;
  uint64_t inverted, all_of, any_of, told;
};

enum {
  UFFD_USER_MODE_ONLY = 1,
  UFFD_API = 0xaa,
  UFFD_WP_ASYNC = 1 << 15,
  UFFD_MODE_WP = 1 << 1,
  SCAN_PROTECT = 1 << 0,
  SCAN_CHECK_PROTECTION = 1 << 1,
  PAGE_WRITTEN = 1 << 1,
  PAGE_OF_FILE = 1 << 2,
  PAGE_PRESENT = 1 << 3,
  PAGE_SWAPPED = 1 << 4,
};

#define UFFDIO_API _IOWR(0xaa, 0x3f, struct uffd_api)
#define UFFDIO_REGISTER _IOWR(0xaa, 0x00, struct uffd_register)
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)

enum operation { REGISTER, OWN, WRITTEN };

struct request {
  uint64_t operation, start, end;
};

enum { REGIONS_AT_ONCE = 2048 };

static int listener = -1;
static int watch = -1;
static int pages = -1;

/* 0, or a negative errno. Linux's own numbers are those of every C library. */
static int64_t open_watch(void) {
  struct uffd_api api = {UFFD_API, UFFD_WP_ASYNC, 0};
  if (watch >= 0) return 0;
  int opened = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  if (opened < 0) return -errno;
  if (ioctl(opened, UFFDIO_API, &api) != 0 || (pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) < 0) {
    int64_t failure = -errno;
    close(opened);
    return failure;
  }
  watch = opened;
  return 0;
}

static int64_t register_range(const struct request *request) {
  int64_t failure = open_watch();
  if (failure != 0) return failure;
  struct uffd_register range = {request->start, request->end - request->start, UFFD_MODE_WP, 0};
  return ioctl(watch, UFFDIO_REGISTER, &range) == 0 ? 0 : -errno;
}

static int send_all(int connection, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t sent = send(connection, at, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return 0;
    at += sent;
    length -= (size_t)sent;
  }
  return 1;
}

static int send_end(int connection, int64_t count) { return send_all(connection, &count, sizeof count); }

/* Whether the other end still listens. */
static int send_block(int connection, const struct page_region *regions, int64_t count) {
  static uint64_t block[1 + 2 * REGIONS_AT_ONCE];
  block[0] = (uint64_t)count;
  for (int64_t index = 0; index < count; index++) {
    block[1 + 2 * index] = regions[index].start;
    block[2 + 2 * index] = regions[index].end;
  }
  return count == 0 || send_all(connection, block, (1 + 2 * (size_t)count) * sizeof block[0]);
}

/*
 * A page that is swapped out is still its process' own; one that is only mapped from the file is not. Linux 6.18 says in walk_end where a buffer of its
 * own, of 512 regions, was full for the last time, also when it has told regions beyond (do_pagemap_scan() in fs/proc/task_mmu.c).
 */
static int send_pages(int connection, const struct request *request) {
  static struct page_region regions[REGIONS_AT_ONCE];
  struct scan scan = {
      .size = sizeof scan,
      .flags = SCAN_PROTECT | SCAN_CHECK_PROTECTION,
      .start = request->start,
      .end = request->end,
      .regions = (uint64_t)(uintptr_t)regions,
      .regions_length = REGIONS_AT_ONCE,
      .inverted = PAGE_OF_FILE,
      .all_of = PAGE_OF_FILE | (request->operation == WRITTEN ? PAGE_WRITTEN : 0),
      .any_of = PAGE_PRESENT | PAGE_SWAPPED,
      .told = PAGE_PRESENT,
  };
  while (scan.start < scan.end) {
    int count = ioctl(pages, PAGEMAP_SCAN, &scan);
    if (count < 0) return send_end(connection, -errno);
    if (!send_block(connection, regions, count)) return 0;
    uint64_t next = scan.walk_end;
    if (count > 0 && regions[count - 1].end > next) next = regions[count - 1].end;
    if (next <= scan.start) return send_end(connection, -EIO);
    scan.start = next;
  }
  return send_end(connection, 0);
}

static int receive(int connection, struct request *request) {
  char *at = (char *)request;
  for (size_t length = sizeof *request; length > 0;) {
    ssize_t received = recv(connection, at, length, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return 0;
    at += received;
    length -= (size_t)received;
  }
  return 1;
}

static int answer(int connection, const struct request *request) {
  if (request->operation == REGISTER) return send_end(connection, register_range(request));
  if (pages < 0 || request->operation > WRITTEN) return send_end(connection, -EINVAL);
  return send_pages(connection, request);
}

/* One server at a time, as with QEMU's own monitor. The listener may be one that does not wait; a program that did not inherit it has no server. */
static void *serve(void *unused) {
  struct pollfd incoming = {.fd = listener, .events = POLLIN};
  struct request request;
  for (;;) {
    if (poll(&incoming, 1, -1) < 0 && errno != EINTR) return unused;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return unused;
    if (connection < 0) continue;
    while (receive(connection, &request) && answer(connection, &request)) continue;
    close(connection);
  }
}

/* Before main(): QEMU's filter of system calls comes later and holds for this thread too. Its signals are for QEMU's threads alone. */
__attribute__((constructor)) static void begin(void) {
  const char *descriptor = getenv("RAMET_TRACK_WRITES_FD");
  sigset_t all, before;
  pthread_t thread;
  if (descriptor == NULL) return;
  listener = atoi(descriptor);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (pthread_create(&thread, NULL, serve, NULL) == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}
