/*
 * A file that is there whole or not at all:
 *
 *     nameless file in the directory (O_TMPFILE) ──D D D──► E ──► a name beside it ──rename──► the path
 *                                                   └─ the sender left, or the disk is full: it vanishes by itself
 *
 * A file system without nameless files has a hidden name from the start, which is removed on every way out but SIGKILL.
 */
#define _GNU_SOURCE
#include "file-record.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_FILE_MODE = 0644, DEFAULT_DIRECTORY_MODE = 0755, MAX_LINKS = 40 };

struct target {
  char path[PATH_MAX];      /* links at its end followed */
  char directory[PATH_MAX];
  char temporary[PATH_MAX]; /* empty while the file has no name */
  struct stat replaced;
  bool replaces;
};

static struct target target;

/* mkdir -p: those that are missing get `mode`; false and errno. */
static bool make_directories(const char *wanted, mode_t mode) {
  char path[PATH_MAX];
  struct stat status;
  snprintf(path, sizeof path, "%s", wanted);
  for (char *at = path + 1;; at++) {
    if (*at != '/' && *at != 0) continue;
    bool is_last = *at == 0;
    *at = 0;
    if (mkdir(path, mode) != 0 && errno != EEXIST && !(errno == EROFS && stat(path, &status) == 0)) return false;
    if (is_last) break;
    *at = '/';
  }
  if (stat(wanted, &status) != 0) return false;
  errno = ENOTDIR;
  return S_ISDIR(status.st_mode);
}

static bool set_owner(const struct file_request *request, const char *path) {
  if (request->uid < 0 && request->gid < 0) return true;
  return lchown(path, request->uid < 0 ? (uid_t)-1 : (uid_t)request->uid, request->gid < 0 ? (gid_t)-1 : (gid_t)request->gid) == 0;
}

static bool report_written(unsigned long long count, const char *path) {
  TEXT(result, 64);
  text_add(&result, "{\"bytes_written\":%llu}", count);
  return record_send_text(RECORD_RESULT, &result, path);
}

bool files_make_directory(const struct file_request *request) {
  struct stat status;
  char above[PATH_MAX];
  if (stat(request->path, &status) == 0)
    return S_ISDIR(status.st_mode) ? report_written(0, request->path) : record_fail("there is a file of that name", request->path, 0);
  snprintf(above, sizeof above, "%s", request->path);
  if (!make_directories(dirname(above), DEFAULT_DIRECTORY_MODE)) return record_fail("make the directory above", request->path, errno);
  mode_t mode = request->mode == 0 ? DEFAULT_DIRECTORY_MODE : request->mode;
  if (mkdir(request->path, mode) != 0 || chmod(request->path, mode) != 0) return record_fail("make the directory", request->path, errno);
  if (!set_owner(request, request->path)) return record_fail("set the owner", request->path, errno);
  return report_written(0, request->path);
}

/* A file is put where a link leads, as opening it for writing would: the link stays a link. */
static bool follow_target(const char *given) {
  char link[PATH_MAX], above[PATH_MAX];
  snprintf(target.path, sizeof target.path, "%s", given);
  for (int steps = 0; steps < MAX_LINKS; steps++) {
    ssize_t got = readlink(target.path, link, sizeof link - 1);
    if (got < 0) return true;
    link[got] = 0;
    snprintf(above, sizeof above, "%s", target.path);
    int needed = link[0] == '/' ? snprintf(target.path, sizeof target.path, "%s", link)
                                : snprintf(target.path, sizeof target.path, "%s/%s", dirname(above), link);
    if (needed >= (int)sizeof target.path) return record_fail("the link leads too far", given, ENAMETOOLONG);
  }
  return record_fail("follow the link", given, ELOOP);
}

static bool find_target(const struct file_request *request) {
  char above[PATH_MAX];
  size_t end = strlen(request->path);
  if (request->path[end - 1] == '/') return record_fail("a file's path does not end with a slash", request->path, 0);
  if (!follow_target(request->path)) return false;
  snprintf(above, sizeof above, "%s", target.path);
  snprintf(target.directory, sizeof target.directory, "%s", dirname(above));
  target.replaces = lstat(target.path, &target.replaced) == 0;
  if (target.replaces && S_ISDIR(target.replaced.st_mode)) return record_fail("there is a directory of that name", request->path, 0);
  if (target.replaces && !S_ISREG(target.replaced.st_mode)) return record_fail("what is there is no file", request->path, 0);
  return make_directories(target.directory, DEFAULT_DIRECTORY_MODE) || record_fail("make the directory above", request->path, errno);
}

static void name_temporary(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int needed = snprintf(target.temporary, sizeof target.temporary, "%s/.ramet-cp-%d-%lx", target.directory, (int)getpid(), now.tv_nsec);
  if (needed >= (int)sizeof target.temporary) target.temporary[0] = 0;
}

static void remove_temporary(void) {
  if (target.temporary[0] != 0) unlink(target.temporary);
}

static void end_on_signal(int number) {
  remove_temporary();
  _exit(128 + number);
}

/* Only when the file system has no nameless files: EOPNOTSUPP, or EISDIR from a kernel that does not know them (open(2)). */
static int open_new(void) {
  int file = open(target.directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  name_temporary();
  return open(target.temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static bool write_all(int file, const unsigned char *from, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(file, from, length);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    from += wrote;
    length -= (size_t)wrote;
  }
  return true;
}

/* The sender that leaves before its E has not sent a file: nobody is left to be told. */
static bool take_content(int file, const char *path, unsigned long long *count) {
  struct record record;
  while (record_receive(&record)) {
    if (record.type == RECORD_END) return true;
    if (record.type != RECORD_DATA) return record_fail("this is neither data nor the end", path, 0);
    if (!write_all(file, record.body, record.length)) return record_fail("write the file", path, errno);
    *count += record.length;
  }
  return false;
}

static bool dress(int file, const struct file_request *request) {
  uid_t uid = request->uid >= 0 ? (uid_t)request->uid : target.replaces ? target.replaced.st_uid : geteuid();
  gid_t gid = request->gid >= 0 ? (gid_t)request->gid : target.replaces ? target.replaced.st_gid : getegid();
  /* The owner first: changing it takes set-user-id bits away (chown(2)). */
  if ((uid != geteuid() || gid != getegid()) && fchown(file, uid, gid) != 0) return false;
  if (fchmod(file, request->mode == 0 ? DEFAULT_FILE_MODE : request->mode) != 0) return false;
  struct timespec times[2] = {{.tv_sec = request->mtime}, {.tv_sec = request->mtime}};
  return request->mtime < 0 || futimens(file, times) == 0;
}

static bool put_in_place(int file) {
  char nameless[64];
  if (target.temporary[0] == 0) {
    name_temporary();
    snprintf(nameless, sizeof nameless, "/proc/self/fd/%d", file);
    if (linkat(AT_FDCWD, nameless, AT_FDCWD, target.temporary, AT_SYMLINK_FOLLOW) != 0) {
      target.temporary[0] = 0;
      return false;
    }
  }
  if (rename(target.temporary, target.path) != 0) return false;
  target.temporary[0] = 0;
  return true;
}

/* What something is mounted on keeps its name (rename(2), EBUSY): its content is replaced. Not at once, but that is what there is. */
static bool copy_into_mounted(int file, const struct file_request *request) {
  unsigned char bytes[16384];
  ssize_t got = -1;
  int into = open(target.path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  off_t at = 0;
  while (into >= 0 && (got = pread(file, bytes, sizeof bytes, at)) > 0 && write_all(into, bytes, (size_t)got)) at += got;
  bool copied = got == 0 && dress(into, request);
  int cause = errno;
  if (into >= 0) close(into);
  remove_temporary();
  return errno = cause, copied;
}

bool files_write(const struct file_request *request) {
  unsigned long long count = 0;
  if (!find_target(request)) return false;
  signal(SIGTERM, end_on_signal);
  int file = open_new();
  if (file < 0) return record_fail("make the file", request->path, errno);
  bool taken = take_content(file, request->path, &count);
  bool placed = taken && (dress(file, request) || record_fail("set the file's mode, owner or time", request->path, errno));
  placed = placed && (put_in_place(file) || (errno == EBUSY && copy_into_mounted(file, request)) || record_fail("put the file in its place", request->path, errno));
  close(file);
  if (!placed) remove_temporary();
  return placed && report_written(count, request->path);
}
