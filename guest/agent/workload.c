#define _GNU_SOURCE
#include "workload.h"
#include "identity.h"
#include "mounts.h"
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a host may take to fetch the last words before the VM goes without. */
enum { LAST_WORDS_MS = 2000 };

static enum { NONE, RUNNING, EXITED } state;
static pid_t workload;
static int exit_code, exit_signal; /* -1: not this one */
static char exit_reason[256];      /* empty: code or signal say it all */
static int stop_signal = SIGTERM;
static bool ending;                /* the VM goes off when the host has taken what is queued */
static long kill_at_ms, off_at_ms; /* 0: none */

static void add_number(struct text *text, const char *key, int value) {
  if (value < 0) text_add(text, ",\"%s\":null", key);
  else text_add(text, ",\"%s\":%d", key, value);
}

static void add_reason(struct text *text) {
  if (exit_reason[0] == 0) return;
  text_add(text, ",\"reason\":");
  text_add_json(text, exit_reason);
}

static void report_exit(int code, int number) {
  TEXT(event, 1024);
  state = EXITED;
  exit_code = code;
  exit_signal = number;
  ending = true;
  off_at_ms = now_ms() + LAST_WORDS_MS;
  if (code >= 0) say("workload exited with code %d", code);
  else say("workload was ended by signal %d", number);
  text_add(&event, "{\"event\":\"workload_exit\"");
  add_number(&event, "exit_code", code);
  add_number(&event, "signal", number);
  add_reason(&event);
  text_add(&event, "}");
  port_send(EVENT, 0, event.bytes, event.length);
}

void workload_stop_with(int signal_number) { stop_signal = signal_number; }

/* mm/oom_kill.c: "Out of memory: Killed process PID (NAME) …". */
void workload_hear(const char *record) {
  const char *found = strstr(record, "Killed process ");
  int pid;
  if (state != RUNNING || found == NULL || sscanf(found, "Killed process %d", &pid) != 1 || pid != workload) return;
  snprintf(exit_reason, sizeof exit_reason, "killed by signal %d (SIGKILL): the guest was out of memory", SIGKILL);
}

void workload_start(const struct program *program) {
  int code;
  const char *failure = NULL;
  int console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct program_stdio stdio = {console, console, console, false};
  workload = program_start(program, &stdio, &code, &failure);
  close(console);
  state = RUNNING;
  if (workload > 0) return;
  say("%s", failure);
  snprintf(exit_reason, sizeof exit_reason, "%s", failure);
  report_exit(code, -1);
}

bool workload_reaped(pid_t pid, int status) {
  if (state != RUNNING || pid != workload) return false;
  if (WIFEXITED(status)) report_exit(WEXITSTATUS(status), -1);
  else report_exit(-1, WTERMSIG(status));
  return true;
}

void workload_describe(struct text *text) {
  static const char *const names[] = {"none", "running", "exited"};
  text_add(text, "{\"state\":\"%s\"", names[state]);
  if (state == RUNNING) text_add(text, ",\"pid\":%d", (int)workload);
  if (state == EXITED) add_number(text, "exit_code", exit_code), add_number(text, "signal", exit_signal), add_reason(text);
  text_add(text, "}");
}

void workload_shut_down(long grace_ms) {
  if (state == RUNNING) {
    kill(workload, stop_signal);
    kill_at_ms = now_ms() + grace_ms;
    return;
  }
  ending = true;
  if (off_at_ms == 0) off_at_ms = now_ms() + LAST_WORDS_MS;
}

static void power_off(void) {
  kill(-1, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
  identity_save();
  mounts_end();
  reboot(RB_POWER_OFF);
}

static void lower(long *timeout_ms, long at_ms) {
  long left = at_ms - now_ms();
  if (left < 0) left = 0;
  if (*timeout_ms < 0 || left < *timeout_ms) *timeout_ms = left;
}

void workload_turn(long *timeout_ms) {
  if (kill_at_ms != 0 && state == RUNNING) {
    if (now_ms() >= kill_at_ms) kill(-1, SIGKILL), kill_at_ms = 0;
    else lower(timeout_ms, kill_at_ms);
  }
  if (!ending) return;
  if (port_is_drained() || !port_has_host() || now_ms() >= off_at_ms) power_off();
  lower(timeout_ms, off_at_ms);
}
