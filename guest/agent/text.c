#define _GNU_SOURCE
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void text_add(struct text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t room = text->capacity - text->length;
  int length = vsnprintf(text->bytes + text->length, room, format, arguments);
  va_end(arguments);
  if (length >= 0 && (size_t)length < room) {
    text->length += (size_t)length;
    return;
  }
  text->bytes[text->length] = 0;
  text->overflowed = true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length) {
  if (length >= text->capacity - text->length) {
    text->overflowed = true;
    return;
  }
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
  text->bytes[text->length] = 0;
}

void text_add_json(struct text *text, const char *string) {
  text_add(text, "\"");
  for (; *string != 0; string++) {
    unsigned char byte = (unsigned char)*string;
    if (byte == '"' || byte == '\\') text_add(text, "\\%c", byte);
    else if (byte < 0x20) text_add(text, "\\u%04x", byte);
    else text_add_bytes(text, string, 1);
  }
  text_add(text, "\"");
}

ssize_t file_read(const char *path, char *into, size_t capacity) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t length = 0;
  ssize_t got = 0;
  while (length < capacity - 1 && (got = read(fd, into + length, capacity - 1 - length)) > 0) length += (size_t)got;
  into[length] = 0;
  close(fd);
  return got < 0 ? -1 : (ssize_t)length;
}

static int write_all(int fd, const char *content, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(fd, content, length);
    if (wrote < 0) return -1;
    content += wrote;
    length -= (size_t)wrote;
  }
  return 0;
}

/* With just this mode, whatever the umask: under software emulation an fchmod in a child costs more than both umasks. */
static int create(const char *path, mode_t mode) {
  mode_t mask = umask(0);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  umask(mask);
  return fd;
}

int file_replace(const char *path, mode_t mode, const char *content, size_t length) {
  char temporary[256];
  snprintf(temporary, sizeof temporary, "%s.ramet-new", path);
  int fd = create(temporary, mode);
  if (fd < 0 && errno == EEXIST && unlink(temporary) == 0) fd = create(temporary, mode);
  if (fd < 0) return -1;
  int result = write_all(fd, content, length);
  close(fd);
  if (result == 0) result = rename(temporary, path);
  int cause = errno;
  if (result != 0) unlink(temporary);
  return errno = cause, result;
}

static bool is_own(const struct stat *file, mode_t mode) {
  return S_ISREG(file->st_mode) && (file->st_mode & 07777) == mode && file->st_nlink == 1 && file->st_uid == geteuid();
}

static bool has_content(int fd, const char *content, size_t length) {
  char old[512];
  return length <= sizeof old && pread(fd, old, length, 0) == (ssize_t)length && memcmp(old, content, length) == 0;
}

static int write_in_place(int fd, mode_t mode, const char *content, size_t length) {
  struct stat file;
  if (fstat(fd, &file) != 0 || !is_own(&file, mode)) return -1;
  if (file.st_size == (off_t)length && has_content(fd, content, length)) return 0;
  if (pwrite(fd, content, length, 0) != (ssize_t)length) return -1;
  return file.st_size > (off_t)length ? ftruncate(fd, (off_t)length) : 0;
}

/* What something is mounted on cannot be replaced, whatever became of its owner and mode. */
static int write_anew(const char *path, const char *content, size_t length) {
  int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  int result = fd < 0 ? -1 : write_all(fd, content, length);
  if (fd >= 0) close(fd);
  return result;
}

int file_update(const char *path, mode_t mode, const char *content, size_t length) {
  int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int result = fd < 0 ? -1 : write_in_place(fd, mode, content, length);
  if (fd >= 0) close(fd);
  if (result == 0 || file_replace(path, mode, content, length) == 0) return 0;
  return errno == EBUSY ? write_anew(path, content, length) : -1;
}

ssize_t base64_decode(const char *text, unsigned char *into, size_t capacity) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t digits = strspn(text, alphabet), length = 0;
  size_t padding = strspn(text + digits, "=");
  if (text[digits + padding] != 0 || (digits + padding) % 4 != 0 || padding > 2 || digits * 3 / 4 > capacity) return -1;
  unsigned bits = 0;
  for (size_t i = 0; i < digits; i++) {
    bits = bits << 6 | (unsigned)(strchr(alphabet, text[i]) - alphabet);
    if (i % 4 != 0) into[length++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
  }
  return (ssize_t)length;
}

void say(const char *format, ...) {
  TEXT(line, 512);
  char message[480];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  text_add(&line, "ramet: %s\n", message);
  /* The console is the last place to complain at: when it fails, there is nobody left to tell. */
  ssize_t ignored = write(STDERR_FILENO, line.bytes, line.length);
  (void)ignored;
}

long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
