/* Starting programs: the workload and exec. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "../lib/c/ramet_json.h"

#include <sys/types.h>

/** What a request of the contract says of a program; slices of the request's text. */
struct program {
  struct json_value argv, env;
  bool has_env;
  char cwd[1024];
  char user[160];   /* empty: root; see user_find */
  bool makes_cwd;   /* a directory that is not there is made */
};

/** Where the program's stdio goes. */
struct program_stdio {
  int in, out, err;
  bool is_terminal; /* `in` becomes its controlling terminal */
};

/** Reads `argv`, `env`, `cwd` and `user`. NULL, or what is wrong with them. */
const char *program_read(const struct json_value *request, struct program *program);

/** Keeps the environment that configure gave: every program started from then on has it. NULL, or what failed. */
const char *environment_keep(const struct program *program);

/**
 * Starts a program in a session of its own. Returns its pid, or -1: then `*exit_code` is the shell's answer (127: not found,
 * 126: cannot run) and `*failure` a sentence.
 */
pid_t program_start(const struct program *program, const struct program_stdio *stdio, int *exit_code, const char **failure);

/**
 * Starts the agent's own program for one file operation (files.h), which is `request`, a JSON object. Returns its pid, or -1 and
 * `*failure`.
 */
pid_t program_start_files(const struct json_value *request, const struct program_stdio *stdio, const char **failure);

#endif
