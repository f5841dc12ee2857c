/*
 * What a guest's owner wants done in each child before it takes its mail:
 *
 *      /etc/ramet/on-fork.d/10-cache ─► 20-sshd ─► 30-licence.required ─► …      byte order of the names
 *                              │            │               │
 *                              └────────────┴── failed: a line on the console, and on
 *                                                           └── failed: no identity, no child
 */
#ifndef HOOKS_H
#define HOOKS_H

#include "identity.h"

struct hook_limits {
  long each_ms, total_ms;
};

/** Runs the executable regular files of the directory, which may be absent. NULL, or why a required one did not do its work. */
const char *hooks_run(const char *directory, const struct identity *identity, struct hook_limits limits);

#endif
