#define _GNU_SOURCE
#include "programs.h"
#include "identity.h"
#include "run.h"
#include "text.h"
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 1024 };

static const char own_path[] = "/run/ramet/bin";

static char kept_text[65536];
static struct json_value kept_environment;

/* Strings of the program that is being started, one behind the other. */
static char arena[2 * 65536];
static size_t arena_used;

static char *arena_string(const struct json_value *value) {
  ssize_t length = json_string(value, arena + arena_used, sizeof arena - arena_used);
  if (length < 0) return NULL;
  char *string = arena + arena_used;
  arena_used += (size_t)length + 1;
  return string;
}

const char *program_read(const struct json_value *request, struct program *program) {
  struct json_value value, key;
  struct json_cursor cursor;
  size_t count = 0;
  memset(program, 0, sizeof *program);
  arena_used = 0;
  if (!json_member(request, "argv", &program->argv) || program->argv.type != JSON_ARRAY) return "argv is no array";
  json_open(&program->argv, &cursor);
  while (json_next(&cursor, NULL, &value))
    if (++count > MAX_ARGUMENTS || arena_string(&value) == NULL) return "argv is no array of at most 1024 strings";
  program->has_env = json_member(request, "env", &program->env);
  if (program->has_env && program->env.type != JSON_OBJECT) return "env is no object";
  if (program->has_env) json_open(&program->env, &cursor);
  for (count = 0; program->has_env && json_next(&cursor, &key, &value);)
    if (++count > MAX_ARGUMENTS || arena_string(&key) == NULL || arena_string(&value) == NULL) return "env is no object of at most 1024 strings";
  if (json_member(request, "cwd", &value) && value.type != JSON_NULL && json_string(&value, program->cwd, sizeof program->cwd) < 0)
    return "cwd is no string of at most 1023 bytes";
  if (json_member(request, "user", &value) && value.type != JSON_NULL && json_string(&value, program->user, sizeof program->user) < 0)
    return "user is no string of at most 159 bytes";
  return NULL;
}

const char *environment_keep(const struct program *program) {
  if (!program->has_env) return NULL;
  if (program->env.length >= sizeof kept_text) return "env is too long";
  memcpy(kept_text, program->env.text, program->env.length);
  return json_read(kept_text, program->env.length, &kept_environment) ? NULL : "env is no object";
}

static void set_all(const struct json_value *environment) {
  struct json_cursor cursor;
  struct json_value key, value;
  json_open(environment, &cursor);
  while (json_next(&cursor, &key, &value)) {
    char *name = arena_string(&key), *text = arena_string(&value);
    if (name != NULL && text != NULL) setenv(name, text, 1);
  }
}

static void set_path(void) {
  const char *given = getenv("PATH");
  char path[8192];
  snprintf(path, sizeof path, "%s:%s", own_path, given != NULL && given[0] != 0 ? given : DEFAULT_PROGRAM_PATH);
  setenv("PATH", path, 1);
}

/* In the child. Later settings win; the identity is not the caller's to set. */
static void build_environment(const struct program *program, const struct user *user) {
  clearenv();
  setenv("HOME", user == NULL ? "/root" : user->home, 1);
  setenv("TERM", "linux", 1);
  arena_used = 0;
  if (kept_environment.text != NULL) set_all(&kept_environment);
  arena_used = 0;
  if (program->has_env) set_all(&program->env);
  set_path();
  setenv("RAMET_INSTANCE_ID", identity_now()->instance_id, 1);
  setenv("RAMET_INSTANCE_NAME", identity_now()->name, 1);
}

static void build_arguments(const struct program *program, char *arguments[MAX_ARGUMENTS + 1]) {
  struct json_cursor cursor;
  struct json_value value;
  size_t count = 0;
  arena_used = 0;
  json_open(&program->argv, &cursor);
  while (count < MAX_ARGUMENTS && json_next(&cursor, NULL, &value)) arguments[count++] = arena_string(&value);
  arguments[count] = NULL;
}

/* Each directory on the way, as mkdir -p does. What cannot be made is found out by chdir. */
static void make_directories(const char *path) {
  char part[1024];
  for (size_t length = 1; length <= strlen(path); length++) {
    if (path[length] != '/' && path[length] != 0) continue;
    snprintf(part, sizeof part, "%.*s", (int)length, path);
    mkdir(part, 0755);
  }
}

/* A program may open its output anew by /dev/stdout, which asks for rights that its open descriptor does not. */
static int take_user(const struct user *user, const struct program_stdio *stdio) {
  if (fchown(stdio->out, user->uid, (gid_t)-1) != 0 && errno != EROFS) return -1;
  if (stdio->err != stdio->out && fchown(stdio->err, user->uid, (gid_t)-1) != 0) return -1;
  return user_become(user);
}

/* In the child; returns only when it failed, with errno. */
static void become(const struct program *program, const struct user *user, const struct program_stdio *stdio) {
  char *arguments[MAX_ARGUMENTS + 1];
  signals_to_default();
  setsid();
  if (dup2(stdio->in, 0) < 0 || dup2(stdio->out, 1) < 0 || dup2(stdio->err, 2) < 0) return;
  if (stdio->is_terminal && ioctl(0, TIOCSCTTY, 0) != 0) return;
  build_environment(program, user);
  build_arguments(program, arguments);
  if (program->makes_cwd) make_directories(program->cwd);
  if (chdir(program->cwd[0] == 0 ? "/" : program->cwd) != 0) return;
  if (user != NULL && take_user(user, stdio) != 0) return;
  execvp(arguments[0], arguments);
}

static const char *describe(const struct program *program, int cause, int *exit_code) {
  static char sentence[256];
  char name[128] = "a program with a long name";
  struct json_cursor cursor;
  struct json_value first;
  json_open(&program->argv, &cursor);
  if (json_next(&cursor, NULL, &first)) json_string(&first, name, sizeof name);
  *exit_code = cause == ENOENT ? 127 : 126;
  if (cause == ENOENT && access(program->cwd[0] == 0 ? "/" : program->cwd, F_OK) == 0) snprintf(sentence, sizeof sentence, "command not found: %s", name);
  else snprintf(sentence, sizeof sentence, "cannot start %s in %.64s: %s", name, program->cwd[0] == 0 ? "/" : program->cwd, strerror(cause));
  return sentence;
}

/* The pipe closes by itself when exec succeeds; else it brings errno. */
pid_t program_start(const struct program *program, const struct program_stdio *stdio, int *exit_code, const char **failure) {
  int report[2], cause = 0;
  struct user user;
  bool has_user = program->user[0] != 0;
  if (has_user && (*failure = user_find("", program->user, &user)) != NULL) {
    *exit_code = 126;
    return -1;
  }
  pid_t pid = pipe2(report, O_CLOEXEC) == 0 ? fork() : -1;
  if (pid < 0) {
    *failure = describe(program, errno, exit_code);
    return -1;
  }
  if (pid == 0) {
    become(program, has_user ? &user : NULL, stdio);
    cause = errno;
    ssize_t told = write(report[1], &cause, sizeof cause);
    _exit(told == sizeof cause ? 127 : 126);
  }
  close(report[1]);
  ssize_t got = read(report[0], &cause, sizeof cause);
  close(report[0]);
  if (got != sizeof cause) return pid;
  *failure = describe(program, cause, exit_code);
  return -1;
}

/* In the child; returns only when it failed, with errno. The agent's own file has no name any more: see mounts_enter_root. */
static void become_files(char *request, const struct program_stdio *stdio) {
  char name[] = "ramet-files", *arguments[] = {name, request, NULL};
  signals_to_default();
  setsid();
  if (dup2(stdio->in, 0) < 0 || dup2(stdio->out, 1) < 0 || dup2(stdio->err, 2) < 0 || chdir("/") != 0) return;
  execv("/proc/self/exe", arguments);
}

pid_t program_start_files(const struct json_value *request, const struct program_stdio *stdio, const char **failure) {
  if (request->length >= sizeof arena) {
    *failure = "the request is too long";
    return -1;
  }
  memcpy(arena, request->text, request->length);
  arena[request->length] = 0;
  pid_t pid = fork();
  if (pid < 0) *failure = "no process for the file operation";
  if (pid != 0) return pid;
  become_files(arena, stdio);
  _exit(126);
}
