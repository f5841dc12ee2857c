#define _GNU_SOURCE
#include "disks.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

/* A virtio disk shows the serial that the host gave it in /sys/block/NAME/serial (driver virtio_blk). */
bool disk_find(const char *serial, char *device, size_t capacity) {
  DIR *disks = opendir("/sys/block");
  bool found = false;
  if (disks == NULL) return false;
  for (struct dirent *entry; !found && (entry = readdir(disks)) != NULL;) {
    char path[300], text[64];
    snprintf(path, sizeof path, "/sys/block/%s/serial", entry->d_name);
    ssize_t length = file_read(path, text, sizeof text);
    if (length <= 0) continue;
    text[strcspn(text, "\n")] = 0;
    found = strcmp(text, serial) == 0;
    snprintf(device, capacity, "/dev/%.40s", entry->d_name);
  }
  closedir(disks);
  return found;
}

/*
 * - noinit_itable: no kernel thread writes the zeros that a new file system leaves out.
 * - discard: the host is told of blocks that files give up, and gives them back to its own disk.
 * - no_prefetch_block_bitmaps: no kernel thread reads what will hardly be asked for. It would do so seconds after the boot, which is when
 *   parents are made, and then in each child. Of Linux 5.13; a kernel that does not know it is not given it.
 */
bool disk_mount_written(const char *device, const char *target) {
  return mount(device, target, "ext4", MS_NOATIME, "noinit_itable,discard,no_prefetch_block_bitmaps") == 0 ||
         (errno == EINVAL && mount(device, target, "ext4", MS_NOATIME, "noinit_itable,discard") == 0);
}

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
