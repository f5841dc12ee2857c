/*
 * What the agent does to a child's user space, in directories of this machine, driven by one line on stdin:
 *
 *   hooks DIRECTORY EACH_MS TOTAL_MS    "applied", or the reason why not
 *   seeds ROOT                          "done"
 *   keys ROOT LIMIT_MS                  "done"
 *
 * The console is stderr.
 */
#define _GNU_SOURCE
#include "../hooks.h"
#include "../inherited.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct identity child = {
    .instance_id = "inst-1",
    .name = "worker-1",
    .hostname = "worker-1.local",
    .parent = "inst-0",
    .generation = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
};

int main(void) {
  char word[8], path[512];
  long first_ms = 0, second_ms = 0;
  /* As in the agent, which hears of ended children by signalfd. */
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  if (scanf("%7s %511s %ld %ld", word, path, &first_ms, &second_ms) < 2) return 2;
  const char *failure = NULL;
  if (strcmp(word, "hooks") == 0) {
    failure = hooks_run(path, &child, (struct hook_limits){first_ms, second_ms});
    puts(failure == NULL ? "applied" : failure);
    return 0;
  }
  if (strcmp(word, "seeds") == 0) inherited_seeds_remove(path);
  if (strcmp(word, "keys") == 0) inherited_renew(path, first_ms);
  puts("done");
  return 0;
}
