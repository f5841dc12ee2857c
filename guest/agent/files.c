#define _GNU_SOURCE
#include "files.h"
#include "../lib/c/ramet_json.h"
#include "file-record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PERMISSIONS = 07777 };

static bool is_true(const struct json_value *object, const char *key) {
  struct json_value value;
  return json_member(object, key, &value) && value.type == JSON_BOOL && value.text[0] == 't';
}

static long long number(const struct json_value *object, const char *key, unsigned long long most, long long otherwise) {
  struct json_value value;
  unsigned long long result;
  return json_member(object, key, &value) && json_integer(&value, most, &result) ? (long long)result : otherwise;
}

static bool read_path(const struct json_value *object, struct file_request *request) {
  struct json_value value;
  if (!json_member(object, "path", &value) || json_string(&value, request->path, sizeof request->path) <= 0)
    return record_fail("path is no string of at most 4095 bytes", "", 0);
  return request->path[0] == '/' || record_fail("the path is not absolute", request->path, 0);
}

static void add_flag(struct text *text, const char *key, bool value) { text_add(text, ",\"%s\":%s", key, value ? "true" : "false"); }

static bool describe(const struct file_request *request, const struct stat *status) {
  static char bytes[RECORD_MAX_BYTES];
  char target[PATH_MAX];
  struct text result = {bytes, sizeof bytes, 0, false};
  text_add(&result, "{\"exists\":true");
  add_flag(&result, "is_dir", S_ISDIR(status->st_mode));
  add_flag(&result, "is_file", S_ISREG(status->st_mode));
  add_flag(&result, "is_symlink", S_ISLNK(status->st_mode));
  ssize_t length = S_ISLNK(status->st_mode) ? readlink(request->path, target, sizeof target - 1) : -1;
  if (length >= 0) {
    target[length] = 0;
    text_add(&result, ",\"link_target\":");
    text_add_json(&result, target);
  }
  text_add(&result, ",\"mode\":%u,\"size\":%lld", status->st_mode & MAX_PERMISSIONS, (long long)status->st_size);
  text_add(&result, ",\"mtime\":%lld,\"uid\":%u,\"gid\":%u}", (long long)status->st_mtime, status->st_uid, status->st_gid);
  return record_send_text(RECORD_RESULT, &result, request->path);
}

/* A path that cannot be looked at is an answer too, with the reason in it. */
static bool stat_path(const struct file_request *request) {
  struct stat status;
  int failed = request->follow_links ? stat(request->path, &status) : lstat(request->path, &status);
  if (failed == 0) return describe(request, &status);
  TEXT(result, 256);
  text_add(&result, "{\"exists\":false");
  if (errno != ENOENT && errno != ENOTDIR) {
    text_add(&result, ",\"error\":");
    text_add_json(&result, strerror(errno));
  }
  text_add(&result, "}");
  return record_send_text(RECORD_RESULT, &result, request->path);
}

static bool perform(const char *operation, const struct file_request *request) {
  if (strcmp(operation, "stat") == 0) return stat_path(request);
  if (strcmp(operation, "read") == 0) return files_read(request);
  if (strcmp(operation, "write") == 0) return files_write(request);
  if (strcmp(operation, "make_directory") == 0) return files_make_directory(request);
  return record_fail("this agent does not know that file operation", "", 0);
}

int files_command(const char *text) {
  static struct file_request request;
  char operation[32];
  struct json_value object, value;
  umask(0);
  if (!json_read(text, strlen(text), &object) || object.type != JSON_OBJECT) return !record_fail("the request is no JSON object", "", 0);
  if (!json_member(&object, "do", &value) || json_string(&value, operation, sizeof operation) < 0)
    return !record_fail("do is no string", "", 0);
  if (!read_path(&object, &request)) return 1;
  request.follow_links = is_true(&object, "follow_links");
  request.mode = (unsigned)number(&object, "mode", MAX_PERMISSIONS, 0);
  request.mtime = number(&object, "mtime", 0x7fffffffffLL, -1);
  request.uid = number(&object, "uid", 0xfffffffeU, -1);
  request.gid = number(&object, "gid", 0xfffffffeU, -1);
  return perform(operation, &request) ? 0 : 1;
}
