/* get-attribute PATH NAME: prints the value of an extended attribute. */
#include <stdio.h>
#include <sys/xattr.h>

int main(int argc, char **argv) {
  char value[256];
  ssize_t length = argc == 3 ? getxattr(argv[1], argv[2], value, sizeof value) : -1;
  if (length < 0) return perror("getxattr"), 1;
  return printf("%.*s\n", (int)length, value) < 0;
}
