#define _GNU_SOURCE
#include "inherited.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* systemd-random-seed.service(8); Debian's initscripts; seedrng of busybox and OpenRC. */
static const char *const seeds[] = {
    "/var/lib/systemd/random-seed",
    "/var/lib/urandom/random-seed",
    "/var/lib/seedrng/seed.credit",
    "/var/lib/seedrng/seed.no-credit",
};

static bool remove_file(const char *path) {
  if (unlink(path) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) say("%s of the parent was not removed: %s", path, strerror(errno));
  return false;
}

void inherited_look_up(const char *root) {
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    TEXT(path, 512);
    text_add(&path, "%s%s", root, seeds[i]);
    access(path.bytes, F_OK);
  }
  TEXT(keys, 256);
  text_add(&keys, "%s/etc/ssh", root);
  access(keys.bytes, F_OK);
}

int inherited_seeds_remove(const char *root) {
  int removed = 0;
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    TEXT(path, 512);
    text_add(&path, "%s%s", root, seeds[i]);
    removed += remove_file(path.bytes);
  }
  return removed;
}

static bool ends_with(const char *name, const char *ending) {
  size_t length = strlen(name), ending_length = strlen(ending);
  return length >= ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static bool is_host_key(const char *name) {
  return strncmp(name, "ssh_host_", 9) == 0 && (ends_with(name, "_key") || ends_with(name, "_key.pub"));
}

static int remove_host_keys(const char *root) {
  int removed = 0;
  TEXT(directory, 256);
  text_add(&directory, "%s/etc/ssh", root);
  DIR *entries = opendir(directory.bytes);
  if (entries == NULL) return 0;
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
    TEXT(path, 512);
    if (!is_host_key(entry->d_name)) continue;
    text_add(&path, "%s/%s", directory.bytes, entry->d_name);
    removed += remove_file(path.bytes);
  }
  closedir(entries);
  return removed;
}

static bool find_program(const char *root, const char *name, struct text *path) {
  char directories[] = DEFAULT_PROGRAM_PATH;
  for (char *rest = directories, *directory; (directory = strsep(&rest, ":")) != NULL;) {
    path->length = 0;
    text_add(path, "%s%s/%s", root, directory, name);
    if (access(path->bytes, X_OK) == 0) return true;
  }
  return false;
}

/*
 * ssh-keygen(1), -A: a key of each default type that is missing. It begins with RSA, for which an emulated CPU may need all the time
 * there is: so the type that takes a tenth of a second is made first, and a server that starts has a key.
 */
static void make_host_keys(const char *root, char *program, long limit_ms) {
  TEXT(quick_key, 256);
  TEXT(outcome, 128);
  TEXT(quick_outcome, 128);
  char *const env[] = {"PATH=" DEFAULT_PROGRAM_PATH, "HOME=/root", NULL};
  text_add(&quick_key, "%s/etc/ssh/ssh_host_ed25519_key", root);
  char *quick[] = {program, "-q", "-t", "ed25519", "-N", "", "-f", quick_key.bytes, NULL};
  char *all[] = {program, "-A", NULL};
  long end = now_ms() + limit_ms;
  if (!run_within(quick, env, limit_ms, &quick_outcome)) say("ssh-keygen -t ed25519 %s", quick_outcome.bytes);
  if (!run_within(all, env, end - now_ms(), &outcome)) say("ssh-keygen -A %s", outcome.bytes);
}

int inherited_renew(const char *root, long limit_ms) {
  TEXT(program, 512);
  int seeds_removed = inherited_seeds_remove(root), keys_removed = remove_host_keys(root);
  if (keys_removed == 0) return seeds_removed;
  if (find_program(root, "ssh-keygen", &program)) make_host_keys(root, program.bytes, limit_ms);
  else say("the parent's SSH host keys are removed; there is no ssh-keygen to make new ones");
  return seeds_removed + keys_removed;
}
