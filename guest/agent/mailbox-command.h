#ifndef MAILBOX_COMMAND_H
#define MAILBOX_COMMAND_H

/** The `mailbox` command: see its --help. Returns the exit code. */
int mailbox_command(int argc, char **argv);

#endif
