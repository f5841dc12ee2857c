#define _GNU_SOURCE
#include "volumes.h"
#include "disks.h"
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 *   /root.new/PATH    read_only, read_write: the volume's ext4
 *                     overlay: the volume (lower) and /disk/volumes/N/upper, or, with a size, /volumes/N.written/upper
 *   /volumes/N        overlay: the volume's ext4, read-only; no path reaches it once the root was entered
 *   /volumes/N.written   overlay with a size: the ext4 of its part of the writable disk. The parts lie behind the root's, in the
 *                     order of the volumes
 */
enum { MOST_VOLUMES = 16, PATH_CAPACITY = 1024 };

struct volume {
  char serial[24];
  char path[PATH_CAPACITY]; /* absolute, in the new root */
  char mode[16];
  unsigned long long overlay_bytes; /* 0: what the writable disk has */
};

static int mounted;
static int written[MOST_VOLUMES]; /* root directories of the volumes that are written */
static int written_count;

static const char *read_volume(const struct json_value *value, struct volume *volume) {
  struct json_value serial, path, mode, size;
  if (!json_member(value, "serial", &serial) || json_string(&serial, volume->serial, sizeof volume->serial) < 0) return "a volume's serial is no string";
  if (!json_member(value, "path", &path) || json_string(&path, volume->path, sizeof volume->path) < 0) return "a volume's path is no string, or too long";
  if (!json_member(value, "mode", &mode) || json_string(&mode, volume->mode, sizeof volume->mode) < 0) return "a volume's mode is no string";
  volume->overlay_bytes = 0;
  bool has_size = json_member(value, "overlay_bytes", &size);
  if (has_size && (!json_integer(&size, MOST_DISK_BYTES, &volume->overlay_bytes) || volume->overlay_bytes == 0)) return "a volume's overlay_bytes is no size";
  return volume->path[0] == '/' ? NULL : "a volume's path is not absolute";
}

/* Makes the directories of a path in the new root. None of them may be a link: one to an absolute path would lead out of that root. */
static const char *make_directories(const char *path, char *target, size_t capacity) {
  static char failure[PATH_CAPACITY + 64];
  struct stat found;
  int length = snprintf(target, capacity, "%s%s", NEW_ROOT, path);
  if (length < 0 || (size_t)length >= capacity) return "a volume's path is too long";
  for (char *at = target + strlen(NEW_ROOT) + 1;; at++) {
    if (*at != '/' && *at != 0) continue;
    char end = *at;
    *at = 0;
    mkdir(target, 0755);
    bool is_directory = lstat(target, &found) == 0 && S_ISDIR(found.st_mode);
    snprintf(failure, sizeof failure, "the mount path %s is no directory, or leads through a link", target + strlen(NEW_ROOT));
    *at = end;
    if (!is_directory) return failure;
    if (end == 0) return NULL;
  }
}

/* noload: a journal that was not replayed cannot be, on a disk that may not be written; the host has replayed it before. */
static bool mount_read_only(const char *device, const char *target) {
  return mount(device, target, "ext4", MS_RDONLY | MS_NOATIME, "noload") == 0;
}

static bool mount_written(const char *device, const char *target) {
  if (!disk_mount_written(device, target)) return false;
  int root = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root >= 0) written[written_count++] = root;
  return root >= 0;
}

/* Makes the directory that what is written to the overlay lies in. */
static bool make_written(const struct volume *volume, int place, unsigned long long start_bytes, char *written_directory, size_t capacity) {
  char disk[64], part[80];
  if (volume->overlay_bytes == 0) mkdir(WRITTEN_DISK "/volumes", 0755);
  const char *pattern = volume->overlay_bytes == 0 ? WRITTEN_DISK "/volumes/%d" : "/volumes/%d.written";
  snprintf(written_directory, capacity, pattern, place);
  mkdir(written_directory, 0755);
  if (volume->overlay_bytes == 0) return true;
  /* The root has part 1. */
  return disk_find("ramet-disk", disk, sizeof disk) &&
         disk_part_make(disk, place + 2, start_bytes, volume->overlay_bytes, part, sizeof part) && mount_written(part, written_directory);
}

static bool mount_overlay(const struct volume *volume, const char *device, const char *target, int place, unsigned long long start_bytes) {
  char lower[32], directory[48], upper[64], work[64], options[256];
  mkdir("/volumes", 0755);
  snprintf(lower, sizeof lower, "/volumes/%d", place);
  mkdir(lower, 0755);
  if (!make_written(volume, place, start_bytes, directory, sizeof directory)) return false;
  snprintf(upper, sizeof upper, "%s/upper", directory);
  snprintf(work, sizeof work, "%s/work", directory);
  mkdir(upper, 0755);
  mkdir(work, 0755);
  struct stat root;
  if (!mount_read_only(device, lower)) return false;
  /* The overlay's own root has the upper directory's owner and mode (kernel.org, overlayfs). */
  if (stat(lower, &root) != 0 || chown(upper, root.st_uid, root.st_gid) != 0 || chmod(upper, root.st_mode & 07777) != 0) return false;
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
  return mount("overlay", target, "overlay", MS_NOATIME, options) == 0;
}

static const char *mount_volume(const struct volume *volume, int place, unsigned long long start_bytes) {
  static char failure[PATH_CAPACITY + 128];
  char device[64], target[PATH_CAPACITY + 16];
  const char *refusal = make_directories(volume->path, target, sizeof target);
  if (refusal != NULL) return refusal;
  snprintf(failure, sizeof failure, "no disk has the serial %s", volume->serial);
  if (!disk_find(volume->serial, device, sizeof device)) return failure;
  bool done = strcmp(volume->mode, "read_only") == 0    ? mount_read_only(device, target)
              : strcmp(volume->mode, "read_write") == 0 ? mount_written(device, target)
              : strcmp(volume->mode, "overlay") == 0    ? mount_overlay(volume, device, target, place, start_bytes)
                                                        : (errno = EINVAL, false);
  snprintf(failure, sizeof failure, "the volume at %s was not mounted: %s", volume->path, strerror(errno));
  return done ? NULL : failure;
}

const char *volumes_mount(const struct json_value *request) {
  static struct volume volume;
  struct json_value list, item;
  struct json_cursor cursor;
  unsigned long long start_bytes = 0;
  if (json_member(request, "disk_bytes", &item) && !json_integer(&item, MOST_DISK_BYTES, &start_bytes)) return "disk_bytes is no size";
  if (!json_member(request, "volumes", &list)) return NULL;
  if (list.type != JSON_ARRAY) return "volumes is no array";
  json_open(&list, &cursor);
  for (int place = 0; json_next(&cursor, NULL, &item); place++) {
    if (place == MOST_VOLUMES) return "there are too many volumes";
    const char *failure = read_volume(&item, &volume);
    if (failure == NULL && volume.overlay_bytes > 0 && start_bytes == 0) failure = "an overlay has a size and the disk has no disk_bytes";
    if (failure == NULL && place >= mounted) failure = mount_volume(&volume, place, start_bytes);
    if (failure != NULL) return failure;
    start_bytes += volume.overlay_bytes;
    if (place >= mounted) mounted++;
  }
  return NULL;
}

void volumes_end(void) {
  char path[32];
  for (int i = 0; i < written_count; i++) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", written[i]);
    mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL);
  }
}
