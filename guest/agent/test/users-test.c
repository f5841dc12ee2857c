/*
 * Who a program would run as, by the files of a directory of this machine: one line for each argument behind the directory,
 * `UID GID HOME GROUP…`, or what is wrong.
 */
#include "../users.h"

#include <stdio.h>

int main(int argc, char **argv) {
  for (int i = 2; i < argc; i++) {
    struct user user;
    const char *failure = user_find(argv[1], argv[i], &user);
    if (failure != NULL) {
      puts(failure);
      continue;
    }
    printf("%u %u %s", user.uid, user.gid, user.home);
    for (size_t group = 0; group < user.group_count; group++) printf(" %u", user.groups[group]);
    puts("");
  }
  return 0;
}
