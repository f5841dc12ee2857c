#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the kernel may take to end what it was told to kill: a process that waits for a disk ends when the disk answers. */
enum { KILL_MS = 500 };

void signals_to_default(void) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: does not return. */
static void become(char *const argv[], char *const env[]) {
  signals_to_default();
  setsid();
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && chdir("/") == 0) execve(argv[0], argv, env);
  say("cannot start %s: %s", argv[0], strerror(errno));
  _exit(126);
}

/* pidfd_open(2): readable when the process has ended, whichever other children end meanwhile. */
static bool ends_within(int pidfd, long limit_ms) {
  struct pollfd process = {pidfd, POLLIN, 0};
  long end = now_ms() + limit_ms;
  for (long left = limit_ms; left >= 0; left = end - now_ms()) {
    int ready = poll(&process, 1, (int)left);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
  return false;
}

static void kill_group(pid_t pid) {
  kill(-pid, SIGKILL);
  /* By itself too: it may not have come as far as to lead a group. */
  kill(pid, SIGKILL);
}

static bool describe(pid_t pid, struct text *outcome) {
  int status;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) text_add(outcome, "was ended by signal %d", WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0) text_add(outcome, "exited with code %d", WEXITSTATUS(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool supervise(pid_t pid, int pidfd, long limit_ms, struct text *outcome) {
  TEXT(ignored, 64);
  if (ends_within(pidfd, limit_ms)) return describe(pid, outcome);
  kill_group(pid);
  text_add(outcome, "was killed: it did not end within %ld ms", limit_ms);
  /* One that still does not end is reaped with the orphans. */
  if (ends_within(pidfd, KILL_MS)) describe(pid, &ignored);
  return false;
}

bool run_within(char *const argv[], char *const env[], long limit_ms, struct text *outcome) {
  if (limit_ms <= 0) {
    text_add(outcome, "was not run: its time is over");
    return false;
  }
  pid_t pid = fork();
  if (pid == 0) become(argv, env);
  int pidfd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd < 0) {
    text_add(outcome, "was not run: %s", strerror(errno));
    if (pid > 0) kill_group(pid);
    return false;
  }
  fcntl(pidfd, F_SETFD, FD_CLOEXEC);
  bool result = supervise(pid, pidfd, limit_ms, outcome);
  close(pidfd);
  return result;
}
