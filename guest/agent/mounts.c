#define _GNU_SOURCE
#include "mounts.h"
#include "disks.h"
#include "text.h"
#include "volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Before configure:  /  = initramfs (init, modules.list, modules/)
 * After it:          /  = overlay of ramet-root (lower) and ramet-disk/upper; /proc /sys /dev /run moved into it
 *
 * ramet-disk:        one ext4; or, when a volume's overlay has a size of its own, that of the root and behind it one for each such overlay
 */
static const char *const moved[] = {"/proc", "/sys", "/dev", "/run"};

static int written_disk = -1; /* the root directory of ramet-disk, which no path reaches once the root was entered */

static bool mount_at(const char *type, const char *path, unsigned long flags, const char *options) {
  mkdir(path, 0755);
  return mount(type, path, type, flags, options) == 0;
}

static bool open_console(void) {
  int fd = open("/dev/console", O_RDWR | O_NOCTTY);
  if (fd < 0) return false;
  for (int stream = 0; stream < 3; stream++) dup2(fd, stream);
  if (fd > 2) close(fd);
  return true;
}

const char *mounts_begin(void) {
  umask(022);
  if (!mount_at("devtmpfs", "/dev", MS_NOSUID, "mode=0755") || !open_console()) return "/dev was not mounted";
  if (!mount_at("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return "/proc was not mounted";
  if (!mount_at("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return "/sys was not mounted";
  if (!mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5,ptmxmode=0666")) return "/dev/pts was not mounted";
  if (!mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777")) return "/dev/shm was not mounted";
  if (!mount_at("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755")) return "/run was not mounted";
  symlink("/proc/self/fd", "/dev/fd");
  symlink("/proc/self/fd/0", "/dev/stdin");
  symlink("/proc/self/fd/1", "/dev/stdout");
  symlink("/proc/self/fd/2", "/dev/stderr");
  return NULL;
}

static bool load_module(const char *file) {
  char path[128];
  snprintf(path, sizeof path, "/modules/%s", file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  long result = syscall(SYS_finit_module, fd, "", 0);
  int cause = errno;
  close(fd);
  return result == 0 || cause == EEXIST;
}

const char *modules_load(const char *group) {
  static char failure[160];
  char list[4096], wanted[32], file[96];
  if (file_read("/modules.list", list, sizeof list) < 0) return "the initramfs has no /modules.list";
  for (char *line = strtok(list, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    if (sscanf(line, "%31s %95s", wanted, file) != 2 || strcmp(wanted, group) != 0 || load_module(file)) continue;
    snprintf(failure, sizeof failure, "the kernel refused the module %s", file);
    return failure;
  }
  return NULL;
}

/* By the superblock's magic number: linux/magic.h; ext4's stands at 1024 + 56, erofs's at 1024, squashfs's at 0. */
static const char *file_system_of(const char *device) {
  char head[1100];
  uint32_t erofs = 0xe0f5e1e2;
  if (file_read(device, head, sizeof head) < (ssize_t)sizeof head - 1) return NULL;
  if (memcmp(head + 1024, &erofs, 4) == 0) return "erofs";
  if (memcmp(head, "hsqs", 4) == 0) return "squashfs";
  if (memcmp(head + 1080, "\x53\xef", 2) == 0) return "ext4";
  return NULL;
}

static const char *mount_lower(void) {
  char device[64];
  if (!disk_find("ramet-root", device, sizeof device)) return "no disk has the serial ramet-root";
  const char *type = file_system_of(device);
  if (type == NULL) return "the disk ramet-root holds no erofs, squashfs or ext4";
  const char *failure = modules_load(type);
  if (failure != NULL) return failure;
  mkdir("/lower", 0755);
  return mount(device, "/lower", type, MS_RDONLY, NULL) == 0 ? NULL : "the disk ramet-root was not mounted";
}

/* With `disk_bytes` the root has the first part of the disk, else all of it. */
static const char *find_written(const struct json_value *request, char *device, size_t capacity) {
  char disk[64];
  struct json_value value;
  unsigned long long size;
  if (!disk_find("ramet-disk", disk, sizeof disk)) return "no disk has the serial ramet-disk";
  snprintf(device, capacity, "%s", disk);
  if (!json_member(request, "disk_bytes", &value)) return NULL;
  if (!json_integer(&value, MOST_DISK_BYTES, &size) || size == 0) return "disk_bytes is no size";
  return disk_part_make(disk, 1, 0, size, device, capacity) ? NULL : "the disk ramet-disk was not divided";
}

static const char *mount_written(const struct json_value *request) {
  char device[80];
  const char *failure = find_written(request, device, sizeof device);
  if (failure != NULL) return failure;
  mkdir("/disk", 0755);
  if (!disk_mount_written(device, "/disk")) return "the disk ramet-disk was not mounted as ext4";
  mkdir("/disk/upper", 0755);
  mkdir("/disk/work", 0755);
  written_disk = open("/disk", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return written_disk < 0 ? "the disk ramet-disk was not opened" : NULL;
}

static const char *mount_overlay(void) {
  mkdir("/root.new", 0755);
  const char *options = "lowerdir=/lower,upperdir=/disk/upper,workdir=/disk/work";
  return mount("overlay", "/root.new", "overlay", MS_NOATIME, options) == 0 ? NULL : "the overlay was not mounted";
}

/* The pages of an initramfs belong to its files: removing them is what frees it. */
static void remove_initramfs(void) {
  char list[4096], file[96], path[128];
  if (file_read("/modules.list", list, sizeof list) < 0) return;
  for (char *line = strtok(list, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    if (sscanf(line, "%*s %95s", file) != 1) continue;
    snprintf(path, sizeof path, "/modules/%s", file);
    unlink(path);
  }
  unlink("/modules.list");
  unlink("/init");
}

/* As switch_root(8) does: the new root is moved over the old one. */
static const char *move_to_root(void) {
  char path[64];
  for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
    snprintf(path, sizeof path, "/root.new%s", moved[i]);
    mkdir(path, 0755);
    if (mount(moved[i], path, NULL, MS_MOVE, NULL) != 0) return "a mount was not moved to the new root";
  }
  if (chdir("/root.new") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0) return "the new root was not moved to /";
  return chroot(".") == 0 && chdir("/") == 0 ? NULL : "the new root was not entered";
}

const char *mounts_make_root(const struct json_value *request) {
  static bool made;
  if (made) return NULL;
  const char *failure = mount_lower();
  if (failure == NULL) failure = mount_written(request);
  if (failure == NULL) failure = modules_load("overlay");
  if (failure == NULL) failure = mount_overlay();
  made = failure == NULL;
  return failure;
}

const char *mounts_enter_root(void) {
  static bool entered;
  if (entered) return NULL;
  remove_initramfs();
  const char *failure = move_to_root();
  mkdir("/etc", 0755);
  if (mkdir("/tmp", 0755) == 0) chmod("/tmp", 01777);
  entered = failure == NULL;
  return failure;
}

void mounts_end(void) {
  char path[32];
  sync();
  volumes_end();
  if (written_disk < 0) return;
  mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
  snprintf(path, sizeof path, "/proc/self/fd/%d", written_disk);
  mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL);
  sync();
}
