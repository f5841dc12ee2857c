#define _GNU_SOURCE
#include "volumes.h"
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
 *                     overlay: the volume (lower) and /disk/volumes/N/upper
 *   /volumes/N        overlay: the volume's ext4, read-only; no path reaches it once the root was entered
 */
enum { MOST_VOLUMES = 16, PATH_CAPACITY = 1024 };

struct volume {
  char serial[24];
  char path[PATH_CAPACITY]; /* absolute, in the new root */
  char mode[16];
};

static int mounted;
static int written[MOST_VOLUMES]; /* root directories of the volumes that are written */
static int written_count;

static const char *read_volume(const struct json_value *value, struct volume *volume) {
  struct json_value serial, path, mode;
  if (!json_member(value, "serial", &serial) || json_string(&serial, volume->serial, sizeof volume->serial) < 0) return "a volume's serial is no string";
  if (!json_member(value, "path", &path) || json_string(&path, volume->path, sizeof volume->path) < 0) return "a volume's path is no string, or too long";
  if (!json_member(value, "mode", &mode) || json_string(&mode, volume->mode, sizeof volume->mode) < 0) return "a volume's mode is no string";
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
  if (mount(device, target, "ext4", MS_NOATIME, "noinit_itable") != 0) return false;
  int root = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root >= 0) written[written_count++] = root;
  return root >= 0;
}

static bool mount_overlay(const char *device, const char *target, int place) {
  char lower[32], upper[64], work[64], options[256];
  mkdir("/volumes", 0755);
  mkdir(WRITTEN_DISK "/volumes", 0755);
  snprintf(lower, sizeof lower, "/volumes/%d", place);
  snprintf(upper, sizeof upper, WRITTEN_DISK "/volumes/%d", place);
  mkdir(lower, 0755);
  mkdir(upper, 0755);
  snprintf(upper, sizeof upper, WRITTEN_DISK "/volumes/%d/upper", place);
  snprintf(work, sizeof work, WRITTEN_DISK "/volumes/%d/work", place);
  mkdir(upper, 0755);
  mkdir(work, 0755);
  struct stat root;
  if (!mount_read_only(device, lower)) return false;
  /* The overlay's own root has the upper directory's owner and mode (kernel.org, overlayfs). */
  if (stat(lower, &root) != 0 || chown(upper, root.st_uid, root.st_gid) != 0 || chmod(upper, root.st_mode & 07777) != 0) return false;
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work);
  return mount("overlay", target, "overlay", MS_NOATIME, options) == 0;
}

static const char *mount_volume(const struct volume *volume, int place) {
  static char failure[PATH_CAPACITY + 128];
  char device[64], target[PATH_CAPACITY + 16];
  const char *refusal = make_directories(volume->path, target, sizeof target);
  if (refusal != NULL) return refusal;
  snprintf(failure, sizeof failure, "no disk has the serial %s", volume->serial);
  if (!disk_find(volume->serial, device, sizeof device)) return failure;
  bool done = strcmp(volume->mode, "read_only") == 0    ? mount_read_only(device, target)
              : strcmp(volume->mode, "read_write") == 0 ? mount_written(device, target)
              : strcmp(volume->mode, "overlay") == 0    ? mount_overlay(device, target, place)
                                                        : (errno = EINVAL, false);
  snprintf(failure, sizeof failure, "the volume at %s was not mounted: %s", volume->path, strerror(errno));
  return done ? NULL : failure;
}

const char *volumes_mount(const struct json_value *request) {
  static struct volume volume;
  struct json_value list, item;
  struct json_cursor cursor;
  if (!json_member(request, "volumes", &list)) return NULL;
  if (list.type != JSON_ARRAY) return "volumes is no array";
  json_open(&list, &cursor);
  for (int place = 0; json_next(&cursor, NULL, &item); place++) {
    if (place == MOST_VOLUMES) return "there are too many volumes";
    if (place < mounted) continue;
    const char *failure = read_volume(&item, &volume);
    if (failure == NULL) failure = mount_volume(&volume, place);
    if (failure != NULL) return failure;
    mounted++;
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
