/* The `mailbox` command alone, for tests on a machine that is no guest. */
#include "../mailbox-command.h"

int main(int argc, char **argv) { return mailbox_command(argc, argv); }
