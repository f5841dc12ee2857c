/*
 * Ramet's guest agent: PID 1 of the VM; under the name `mailbox` the command of the same name, under `ramet-files` one file operation.
 *
 *      poll ◄── port (host), SIGCHLD, uevents and kernel log (a fork), pipes of exec
 *        └────► receive requests ─► pump exec ─► flush port ─► end the VM?       without a timeout when idle
 */
#define _GNU_SOURCE
#include "exec.h"
#include "files.h"
#include "identity.h"
#include "mailbox-command.h"
#include "mounts.h"
#include "port.h"
#include "requests.h"
#include "text.h"
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* linux/netlink.h, whose header musl's compiler wrapper does not find. */
enum { NETLINK_KOBJECT_UEVENT = 15, KERNEL_GROUP = 1, FIXED_FDS = 4 };
struct sockaddr_netlink {
  unsigned short family, padding;
  unsigned pid, groups;
};

static void end_without_hope(const char *reason) {
  say("cannot start: %s", reason);
  sync();
  reboot(RB_POWER_OFF);
}

/* The console is a log: its lines end as they were written, and nothing is echoed. */
static void make_console_plain(void) {
  struct termios console;
  if (tcgetattr(STDIN_FILENO, &console) != 0) return;
  console.c_oflag &= ~(tcflag_t)OPOST;
  console.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr(STDIN_FILENO, TCSANOW, &console);
}

static void write_setting(const char *path, const char *value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, value, strlen(value)) < 0) say("%s did not take %s", path, value);
  close(fd);
}

static int open_child_signals(void) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
}

/*
 * How a fork is heard of, when nothing else has woken the agent. Both are listened to, for no kernel of a distribution says both:
 * - a uevent with NEW_VMGENID=1, where the vmgenid driver sends one (drivers/virt/vmgenid.c; not in Linux 6.12);
 * - the kernel log's "crng reseeded due to virtual machine fork" (drivers/char/random.c, add_vmfork_randomness, Linux 5.18 and newer).
 */
static int open_uevents(void) {
  struct sockaddr_netlink address = {AF_NETLINK, 0, 0, KERNEL_GROUP};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return -1;
  return fd;
}

static int open_kernel_log(void) {
  int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) lseek(fd, 0, SEEK_END);
  return fd;
}

static bool announces_fork(const char *uevent, size_t length) {
  for (size_t at = 0; at < length; at += strnlen(uevent + at, length - at) + 1)
    if (strcmp(uevent + at, "NEW_VMGENID=1") == 0) return true;
  return false;
}

static char heard[8193];

static bool uevents_tell_fork(int fd) {
  bool forked = false;
  ssize_t length;
  while ((length = recv(fd, heard, sizeof heard - 1, 0)) >= 0 || errno == ENOBUFS) {
    if (length >= 0) heard[length] = 0;
    /* ENOBUFS: some were lost, and a fork may be among them. */
    forked = forked || length < 0 || announces_fork(heard, (size_t)length);
  }
  return forked;
}

static bool kernel_log_tells_fork(int fd) {
  bool forked = false;
  ssize_t length;
  while ((length = read(fd, heard, sizeof heard - 1)) > 0 || (length < 0 && errno == EPIPE)) {
    if (length > 0) heard[length] = 0;
    /* EPIPE: records were overwritten before they were read (Documentation/ABI/testing/dev-kmsg). */
    if (length > 0) workload_hear(heard);
    forked = forked || length < 0 || strstr(heard, "crng reseeded due to virtual machine fork") != NULL;
  }
  return forked;
}

static void look_after_fork(void) {
  port_distrust();
  identity_look();
}

/*
 * Whatever woke the agent first: in a child that is the port, whose host is gone, long before the kernel has worked its way from the ACPI
 * event to its log. Under software emulation every kernel path that runs before the look makes the fork wait.
 */
static void look_if_delivered(void) {
  if (identity_is_delivered()) look_after_fork();
}

static void reap(int signals) {
  struct signalfd_siginfo ignored;
  while (read(signals, &ignored, sizeof ignored) > 0) continue;
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (!workload_reaped(pid, status)) exec_reaped(pid, status);
}

static void serve(int signals, int uevents, int kernel_log) {
  struct pollfd fds[FIXED_FDS + EXEC_POLL_FDS] = {
      {port_poll_fd(), POLLIN, 0}, {signals, POLLIN, 0}, {uevents, POLLIN, 0}, {kernel_log, POLLIN, 0}};
  for (;;) {
    struct channel_frame frame;
    port_pump();
    while (port_receive(&frame)) request_receive(&frame);
    exec_pump();
    port_flush();
    long timeout_ms = -1;
    workload_turn(&timeout_ms);
    port_lower_timeout(&timeout_ms);
    int count = FIXED_FDS + exec_poll_fds(fds + FIXED_FDS, &timeout_ms);
    poll(fds, (nfds_t)count, (int)timeout_ms);
    look_if_delivered();
    if (fds[2].revents != 0 && uevents_tell_fork(uevents)) look_after_fork();
    if (fds[3].revents != 0 && kernel_log_tells_fork(kernel_log)) look_after_fork();
    reap(signals);
  }
}

static int run_agent(void) {
  const char *failure = mounts_begin();
  if (failure == NULL) failure = modules_load("boot");
  if (failure == NULL && port_open() != 0) failure = "no virtio-serial port is named ramet.agent";
  if (failure != NULL) end_without_hope(failure);
  make_console_plain();
  /* A frame that compaction moved would leave its old bytes behind: two copies of one marker. */
  write_setting("/proc/sys/vm/compact_unevictable_allowed", "0");
  reboot(RB_DISABLE_CAD);
  int signals = open_child_signals(), uevents = open_uevents(), kernel_log = open_kernel_log();
  if (signals < 0 || uevents < 0 || kernel_log < 0) end_without_hope("no signal, uevent or kernel log descriptor");
  serve(signals, uevents, kernel_log);
  return 1;
}

int main(int argc, char **argv) {
  const char *name = strrchr(argv[0], '/');
  name = name == NULL ? argv[0] : name + 1;
  if (getpid() == 1 && strcmp(name, "init") == 0) return run_agent();
  if (strcmp(name, "ramet-files") == 0) return argc == 2 ? files_command(argv[1]) : 2;
  return mailbox_command(argc, argv);
}
