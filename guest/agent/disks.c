#define _GNU_SOURCE
#include "disk-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* linux/blkpg.h, which musl's compiler wrapper does not find. The kernel takes parts from whoever may, without a table on the disk. */
enum { BLKPG_ADD_PARTITION = 1 };
struct blkpg_partition {
  long long start, length; /* bytes */
  int pno;
  char devname[64], volname[64]; /* not used */
};
struct blkpg_ioctl_arg {
  int op, flags, datalen;
  void *data;
};
#define BLKPG _IO(0x12, 105)

bool disk_part_make(const char *device, int number, unsigned long long start_bytes, unsigned long long size_bytes, char *part, size_t capacity) {
  struct blkpg_partition wanted = {.start = (long long)start_bytes, .length = (long long)size_bytes, .pno = number};
  struct blkpg_ioctl_arg request = {BLKPG_ADD_PARTITION, 0, sizeof wanted, &wanted};
  int fd = open(device, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool is_there = ioctl(fd, BLKPG, &request) == 0 || errno == EBUSY;
  close(fd);
  /* A disk's name ends with a letter, so that a part's is that and its number (block/partitions/core.c). */
  snprintf(part, capacity, "%s%d", device, number);
  return is_there;
}
