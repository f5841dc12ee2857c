/*
 * A file, a link, or a tree, entry by entry as it is found: H, then the D of a file, then E. Nothing is gathered, so that a tree of any
 * size takes the same memory.
 */
#define _GNU_SOURCE
#include "file-record.h"
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 32768, MAX_DEPTH = 128, PERMISSIONS = 07777 };

/* The directories that lead here: one of them again is a link that goes round. */
struct ancestor {
  dev_t device;
  ino_t inode;
  const struct ancestor *above;
};

static char path[PATH_MAX];
static size_t length;
static size_t shown_from; /* where the name of what was asked for begins: the sender's name for everything in it */
static bool follows;
static unsigned long long entries, bytes, skipped;

static const char *shown(void) { return path[shown_from] == 0 ? "." : path + shown_from; }

static bool send_header(const struct stat *status) {
  static char header_bytes[RECORD_MAX_BYTES];
  char target[PATH_MAX];
  struct text header = {header_bytes, sizeof header_bytes, 0, false};
  text_add(&header, "{\"path\":");
  text_add_json(&header, shown());
  text_add(&header, ",\"mode\":%u,\"is_dir\":%s", status->st_mode & PERMISSIONS, S_ISDIR(status->st_mode) ? "true" : "false");
  if (S_ISLNK(status->st_mode)) {
    ssize_t got = readlink(path, target, sizeof target - 1);
    if (got < 0) return record_fail("read the link", path, errno);
    target[got] = 0;
    text_add(&header, ",\"is_symlink\":true,\"link_target\":");
    text_add_json(&header, target);
  }
  text_add(&header, ",\"size\":%lld,\"mtime\":%lld", S_ISREG(status->st_mode) ? (long long)status->st_size : 0, (long long)status->st_mtime);
  text_add(&header, ",\"uid\":%u,\"gid\":%u}", status->st_uid, status->st_gid);
  entries++;
  return record_send_text(RECORD_HEADER, &header, path);
}

static bool send_content(int file) {
  static unsigned char chunk[CHUNK_BYTES];
  for (;;) {
    ssize_t got = read(file, chunk, sizeof chunk);
    if (got < 0) return record_fail("read the file", path, errno);
    if (got == 0) return record_send(RECORD_END, NULL, 0);
    bytes += (unsigned long long)got;
    if (!record_send(RECORD_DATA, chunk, (size_t)got)) return false;
  }
}

static bool send_file(void) {
  struct stat status;
  /* Should it have become a FIFO meanwhile, the opening does not wait for its writer. */
  int file = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return record_fail("open the file", path, errno);
  bool sent = fstat(file, &status) == 0 ? send_header(&status) && send_content(file) : record_fail("look at the file", path, errno);
  close(file);
  return sent;
}

static bool goes_round(const struct stat *status, const struct ancestor *above) {
  for (; above != NULL; above = above->above)
    if (above->device == status->st_dev && above->inode == status->st_ino) return true;
  return false;
}

static bool send_entry(const struct ancestor *above, unsigned depth);

static bool send_children(DIR *directory, const struct ancestor *here, unsigned depth) {
  size_t before = length;
  for (;;) {
    errno = 0;
    struct dirent *entry = readdir(directory);
    if (entry == NULL) return errno == 0 || record_fail("read the directory", path, errno);
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    size_t name = strlen(entry->d_name), slash = path[length - 1] == '/' ? 0 : 1;
    if (length + slash + name >= sizeof path) return record_fail("the path is too long", path, 0);
    if (slash == 1) path[length] = '/';
    memcpy(path + length + slash, entry->d_name, name + 1);
    length += slash + name;
    bool sent = send_entry(here, depth);
    length = before;
    path[length] = 0;
    if (!sent) return false;
  }
}

static bool send_directory(const struct stat *status, const struct ancestor *above, unsigned depth) {
  struct ancestor here = {status->st_dev, status->st_ino, above};
  if (!send_header(status) || !record_send(RECORD_END, NULL, 0)) return false;
  if (goes_round(status, above)) return true;
  if (depth == MAX_DEPTH) return record_fail("the directories are nested too deeply", path, 0);
  DIR *directory = opendir(path);
  if (directory == NULL) return record_fail("open the directory", path, errno);
  bool sent = send_children(directory, &here, depth + 1);
  closedir(directory);
  return sent;
}

static bool send_entry(const struct ancestor *above, unsigned depth) {
  struct stat status;
  if ((follows ? stat(path, &status) : lstat(path, &status)) != 0) {
    int cause = errno;
    /* The guest lives: what its directory listed may be gone by now. A link that leads nowhere is still there. */
    if (depth > 0 && cause == ENOENT && lstat(path, &status) != 0) return true;
    return record_fail("look at the path", path, cause);
  }
  if (S_ISDIR(status.st_mode)) return send_directory(&status, above, depth);
  if (S_ISREG(status.st_mode)) return send_file();
  if (S_ISLNK(status.st_mode)) return send_header(&status) && record_send(RECORD_END, NULL, 0);
  if (depth == 0) return record_fail("this is no file, directory or link", path, 0);
  skipped++;
  return true;
}

/* The last name of the path, as the sender's name for it: "/a/b/" is "b", and "/" is ".". */
static void take_path(const char *given) {
  length = strlen(given);
  memcpy(path, given, length + 1);
  while (length > 1 && path[length - 1] == '/') path[--length] = 0;
  const char *slash = strrchr(path, '/');
  shown_from = slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

bool files_read(const struct file_request *request) {
  TEXT(result, 128);
  take_path(request->path);
  follows = request->follow_links;
  if (strcmp(shown(), "..") == 0) return record_fail("the path must end with a name", path, 0);
  if (!send_entry(NULL, 0)) return false;
  text_add(&result, "{\"entries\":%llu,\"bytes\":%llu,\"skipped\":%llu}", entries, bytes, skipped);
  return record_send_text(RECORD_RESULT, &result, path);
}
