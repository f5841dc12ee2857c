/* One file operation of the agent, as its own process on this machine: files-test REQUEST. */
#define _GNU_SOURCE
#include "../files.h"

int main(int argc, char **argv) { return argc == 2 ? files_command(argv[1]) : 2; }
