#define _GNU_SOURCE
#include "users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_file(const char *root, const char *path) {
  char full[4096];
  snprintf(full, sizeof full, "%s%s", root, path);
  return fopen(full, "re");
}

static bool read_number(const char *text, unsigned *number) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  *number = (unsigned)value;
  return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && value < 0xffffffff;
}

/* By name first: a name may look like a number. */
static bool find_user(const char *root, const char *text, char name[256], struct user *user) {
  unsigned number;
  bool is_number = read_number(text, &number), by_name = false, found = false;
  FILE *file = open_file(root, "/etc/passwd");
  if (file == NULL) return false;
  for (struct passwd *entry; !by_name && (entry = fgetpwent(file)) != NULL;) {
    by_name = strcmp(entry->pw_name, text) == 0;
    if (!by_name && (found || !is_number || entry->pw_uid != number)) continue;
    found = true;
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    snprintf(name, 256, "%s", entry->pw_name);
    snprintf(user->home, sizeof user->home, "%s", entry->pw_dir[0] == 0 ? "/" : entry->pw_dir);
  }
  fclose(file);
  return found;
}

static bool find_group(const char *root, const char *text, gid_t *gid) {
  unsigned number;
  bool found = false, is_number = read_number(text, &number);
  FILE *file = open_file(root, "/etc/group");
  for (struct group *entry; file != NULL && !found && (entry = fgetgrent(file)) != NULL;)
    if ((found = strcmp(entry->gr_name, text) == 0)) *gid = entry->gr_gid;
  if (file != NULL) fclose(file);
  if (!found && is_number) *gid = number;
  return found || is_number;
}

static void find_groups_of(const char *root, const char *name, struct user *user) {
  FILE *file = open_file(root, "/etc/group");
  if (file == NULL) return;
  for (struct group *entry; user->group_count < MAX_GROUPS && (entry = fgetgrent(file)) != NULL;)
    for (char **member = entry->gr_mem; *member != NULL; member++) {
      if (strcmp(*member, name) != 0) continue;
      user->groups[user->group_count++] = entry->gr_gid;
      break;
    }
  fclose(file);
}

const char *user_find(const char *root, const char *text, struct user *user) {
  static char failure[256];
  char copy[256], name[256] = "";
  unsigned number;
  memset(user, 0, sizeof *user);
  strcpy(user->home, "/");
  snprintf(copy, sizeof copy, "%s", text);
  char *group = strchr(copy, ':');
  if (group != NULL) *group++ = 0;
  if (!find_user(root, copy, name, user)) {
    if (!read_number(copy, &number)) {
      snprintf(failure, sizeof failure, "there is no user %.64s in /etc/passwd", copy);
      return failure;
    }
    user->uid = number;
  }
  if (group != NULL && !find_group(root, group, &user->gid)) {
    snprintf(failure, sizeof failure, "there is no group %.64s in /etc/group", group);
    return failure;
  }
  if (group == NULL && name[0] != 0) find_groups_of(root, name, user);
  return NULL;
}

int user_become(const struct user *user) {
  if (setgroups(user->group_count, user->groups) != 0) return -1;
  if (setresgid(user->gid, user->gid, user->gid) != 0) return -1;
  return setresuid(user->uid, user->uid, user->uid);
}
