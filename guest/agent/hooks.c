#define _GNU_SOURCE
#include "hooks.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VARIABLES = 6, VARIABLE_BYTES = 192 };

/* NULL-terminated `NAME=value` strings. */
struct environment {
  char text[VARIABLES][VARIABLE_BYTES];
  char *variables[VARIABLES + 1];
};

static void build_environment(struct environment *environment, const struct identity *identity) {
  const char *const pairs[VARIABLES][2] = {
      {"PATH", AGENT_PROGRAM_PATH},
      {"RAMET_INSTANCE_ID", identity->instance_id},
      {"RAMET_INSTANCE_NAME", identity->name},
      {"RAMET_PARENT_ID", identity->parent},
      {"RAMET_GENERATION", identity->generation},
      {"RAMET_HOSTNAME", identity->hostname},
  };
  for (int i = 0; i < VARIABLES; i++) {
    snprintf(environment->text[i], VARIABLE_BYTES, "%s=%s", pairs[i][0], pairs[i][1]);
    environment->variables[i] = environment->text[i];
  }
  environment->variables[VARIABLES] = NULL;
}

static bool is_required(const char *name) {
  static const char ending[] = ".required";
  size_t length = strlen(name);
  return length >= sizeof ending - 1 && strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

/* It becomes the reason of an ack, which the host shows only when all of it is printable. */
static const char *refusal(const char *name, const char *outcome) {
  static char sentence[128];
  snprintf(sentence, sizeof sentence, "the hook %.48s %s", name, outcome);
  for (char *c = sentence; *c != 0; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  return sentence;
}

static bool run_one(const char *path, const struct identity *identity, long limit_ms, struct text *outcome) {
  static struct environment environment;
  char *argv[] = {(char *)path, NULL};
  build_environment(&environment, identity);
  return run_within(argv, environment.variables, limit_ms, outcome);
}

static const char *run_hook(const char *directory, const char *name, const struct identity *identity, long limit_ms) {
  TEXT(outcome, 128);
  TEXT(path, 512);
  struct stat file;
  text_add(&path, "%s/%s", directory, name);
  if (stat(path.bytes, &file) != 0 || !S_ISREG(file.st_mode) || (file.st_mode & 0111) == 0) return NULL;
  if (run_one(path.bytes, identity, limit_ms, &outcome)) return NULL;
  say("the hook %s %s", name, outcome.bytes);
  return is_required(name) ? refusal(name, outcome.bytes) : NULL;
}

static int by_bytes(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static long smaller(long a, long b) { return a < b ? a : b; }

const char *hooks_run(const char *directory, const struct identity *identity, struct hook_limits limits) {
  struct dirent **entries;
  int count = scandir(directory, &entries, NULL, by_bytes);
  if (count < 0) return errno == ENOENT ? NULL : "the hook directory was not read";
  long end = now_ms() + limits.total_ms;
  const char *failure = NULL;
  for (int i = 0; i < count; i++) {
    long limit_ms = smaller(limits.each_ms, end - now_ms());
    if (failure == NULL) failure = run_hook(directory, entries[i]->d_name, identity, limit_ms);
    free(entries[i]);
  }
  free(entries);
  return failure;
}
