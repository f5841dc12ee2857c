#define _GNU_SOURCE
#include "etc-files.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct etc_file {
  const char *path, *in_memory;
  mode_t mode;
};

static const struct etc_file hostname_file = {"/etc/hostname", "/run/ramet/etc/hostname", 0644};
static const struct etc_file hosts_file = {"/etc/hosts", "/run/ramet/etc/hosts", 0644};
/* machine-id(5): drawn anew at each boot, so it is never copied back. */
static const struct etc_file machine_id_file = {"/etc/machine-id", "/run/ramet/etc/machine-id", 0444};

/* For what is usual, so that a child need not ask its kernel for memory. */
static char usual_content[4096];

static char *content_of(size_t bytes) { return bytes <= sizeof usual_content ? usual_content : malloc(bytes); }

static void release(char *content) {
  if (content != usual_content) free(content);
}

/* Whole, to be given to `release`, with room for `more` bytes behind it. One at a time. NULL and errno. */
static char *read_whole(const char *path, size_t more, size_t *length) {
  struct stat file;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char *content = fd >= 0 && fstat(fd, &file) == 0 ? content_of((size_t)file.st_size + more) : NULL;
  ssize_t got = content == NULL ? -1 : 0;
  for (*length = 0; got >= 0 && *length < (size_t)file.st_size; *length += (size_t)got)
    if ((got = read(fd, content + *length, (size_t)file.st_size - *length)) == 0) break;
  int cause = errno;
  if (fd >= 0) close(fd);
  if (got < 0) {
    release(content);
    return errno = cause, NULL;
  }
  return content;
}

const char *etc_hostname_write(const char *name) {
  char line[70];
  int length = snprintf(line, sizeof line, "%s\n", name);
  return file_update(hostname_file.path, hostname_file.mode, line, (size_t)length) == 0 ? NULL : "/etc/hostname was not written";
}

const char *etc_machine_id_write(const char id[33]) {
  char line[34];
  int length = snprintf(line, sizeof line, "%s\n", id);
  return file_update(machine_id_file.path, machine_id_file.mode, line, (size_t)length) == 0 ? NULL : "/etc/machine-id was not written";
}

void etc_hostname_read(char *into, size_t capacity) {
  if (file_read(hostname_file.path, into, capacity) < 0) into[0] = 0;
  into[strcspn(into, "\n")] = 0;
}

/* Takes every line out that is `own`, which ends with its end of line. */
static size_t without_line(char *content, size_t length, const char *own) {
  size_t own_length = strlen(own), kept = 0;
  for (size_t at = 0; at < length;) {
    const char *end = memchr(content + at, '\n', length - at);
    size_t line = end == NULL ? length - at : (size_t)(end - content) + 1 - at;
    if (line != own_length || memcmp(content + at, own, own_length) != 0) {
      memmove(content + kept, content + at, line);
      kept += line;
    }
    at += line;
  }
  return kept;
}

const char *etc_hosts_write(const char *old_name, const char *new_name) {
  static const char first[] = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
  char old_line[96], new_line[96];
  size_t length;
  snprintf(old_line, sizeof old_line, "127.0.1.1\t%s\n", old_name);
  size_t added = (size_t)snprintf(new_line, sizeof new_line, "127.0.1.1\t%s\n", new_name);
  char *content = read_whole(hosts_file.path, 1 + added, &length);
  if (content == NULL && errno == ENOENT) content = memcpy(usual_content, first, length = sizeof first - 1);
  if (content == NULL) return "/etc/hosts was not read";
  if (length > 0 && content[length - 1] != '\n') content[length++] = '\n';
  length = without_line(content, length, old_line);
  length = without_line(content, length, new_line);
  memcpy(content + length, new_line, added);
  int result = file_update(hosts_file.path, hosts_file.mode, content, length + added);
  release(content);
  return result == 0 ? NULL : "/etc/hosts was not written";
}

static int copy(const char *from, const char *to, mode_t mode) {
  size_t length;
  char *content = read_whole(from, 0, &length);
  int result = content == NULL ? -1 : file_replace(to, mode, content, length);
  release(content);
  return result;
}

static void mount_over(const struct etc_file *file) {
  if (copy(file->path, file->in_memory, file->mode) == 0 && mount(file->in_memory, file->path, NULL, MS_BIND, NULL) == 0) return;
  say("%s stays on the disk: %s", file->path, strerror(errno));
}

void etc_files_mount(void) {
  mkdir("/run/ramet/etc", 0755);
  mount_over(&hostname_file);
  mount_over(&hosts_file);
  mount_over(&machine_id_file);
}

/* One that is no mount any more was made a file of the disk by the guest's owner. */
static void save(const struct etc_file *file) {
  if (umount2(file->path, MNT_DETACH) != 0 || copy(file->in_memory, file->path, file->mode) == 0) return;
  say("%s was not saved: %s", file->path, strerror(errno));
}

void etc_files_save(void) {
  save(&hostname_file);
  save(&hosts_file);
}
