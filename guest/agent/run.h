/* Programs that the agent itself waits for: never longer than it was told to. */
#ifndef RUN_H
#define RUN_H

#include "text.h"

/** The agent's own commands first, then where a system keeps its programs. */
#define DEFAULT_PROGRAM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define AGENT_PROGRAM_PATH "/run/ramet/bin:" DEFAULT_PROGRAM_PATH

/**
 * Runs the program at the path `argv[0]` in a session of its own, with no input and with the agent's console for output. One that
 * does not end within `limit_ms` is ended by SIGKILL, with its process group. True when it exited with 0; else `outcome` goes on
 * after its name: "exited with code 3". Without any time left it is not run.
 */
bool run_within(char *const argv[], char *const env[], long limit_ms, struct text *outcome);

/** In a new process, before exec: signals are as a program expects them. */
void signals_to_default(void);

#endif
