/* Who a program runs as: names and numbers of the guest's own /etc/passwd and /etc/group. */
#ifndef USERS_H
#define USERS_H

#include <sys/types.h>

/** As many supplementary groups as a user is given; more are left out. */
enum { MAX_GROUPS = 64 };

struct user {
  uid_t uid;
  gid_t gid;
  gid_t groups[MAX_GROUPS];
  size_t group_count;
  char home[256];
};

/**
 * Reads `USER[:GROUP]`, each a name or a number, as containers do: a number that no file names is taken as it is, with group 0 and
 * the home `/`; a user without a group has that of passwd(5) and the supplementary ones of group(5); a group that is given is the only one.
 * `root` is where the two files are looked for, "" for this system. NULL, or what is wrong.
 */
const char *user_find(const char *root, const char *text, struct user *user);

/** Makes this process that user, for good. -1 and errno. */
int user_become(const struct user *user);

#endif
