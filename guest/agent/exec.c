#define _GNU_SOURCE
#include "exec.h"
#include "port.h"
#include "programs.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The room that the contract gives each stream, and how much of it is told back at a time. */
enum { WINDOW_BYTES = 262144, WINDOW_STEP_BYTES = 65536, CHUNK_BYTES = 16384 };

struct exec {
  unsigned channel;
  pid_t pid;
  bool is_terminal, is_files, has_ended, timed_out;
  int status;
  long deadline_ms; /* 0: none */
  int in, out, err; /* -1: closed; a terminal has in == out */
  size_t out_window, err_window;
  bool input_ends; /* when what is in `input` was written */
  size_t input_start, input_length, input_untold;
  unsigned char input[WINDOW_BYTES];
};

static struct exec *execs[MAX_EXECS];

static struct exec **find(unsigned channel) {
  for (int i = 0; i < MAX_EXECS; i++)
    if (execs[i] != NULL && execs[i]->channel == channel) return &execs[i];
  return NULL;
}

static struct exec **free_place(void) {
  for (int i = 0; i < MAX_EXECS; i++)
    if (execs[i] == NULL) return &execs[i];
  return NULL;
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void forget(struct exec **place) {
  struct exec *exec = *place;
  if (exec->is_terminal) exec->out = -1;
  close_fd(&exec->in);
  close_fd(&exec->out);
  close_fd(&exec->err);
  free(exec);
  *place = NULL;
}

static void refuse(unsigned channel, const char *reason) {
  TEXT(answer, 1024);
  text_add(&answer, "{\"ok\":false,\"error\":");
  text_add_json(&answer, reason);
  text_add(&answer, "}");
  port_send(RESPONSE, channel, answer.bytes, answer.length);
}

static unsigned number(const struct json_value *object, const char *key, unsigned otherwise) {
  struct json_value value;
  unsigned long long result;
  return json_member(object, key, &value) && json_integer(&value, 0x7fffffff, &result) ? (unsigned)result : otherwise;
}

static bool is_true(const struct json_value *object, const char *key) {
  struct json_value value;
  return json_member(object, key, &value) && value.type == JSON_BOOL && value.text[0] == 't';
}

static void resize(int terminal, const struct json_value *size) {
  struct winsize window = {.ws_row = (unsigned short)number(size, "rows", 24), .ws_col = (unsigned short)number(size, "cols", 80)};
  ioctl(terminal, TIOCSWINSZ, &window);
}

/* ptmx(4), pts(4): the agent holds the master, the program the other side. */
static bool open_terminal(struct exec *exec, struct program_stdio *stdio, const struct json_value *request) {
  int unlocked = 0, index;
  char path[32];
  exec->in = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (exec->in < 0 || ioctl(exec->in, TIOCSPTLCK, &unlocked) != 0 || ioctl(exec->in, TIOCGPTN, &index) != 0) return false;
  snprintf(path, sizeof path, "/dev/pts/%d", index);
  int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return false;
  resize(exec->in, request);
  exec->out = exec->in;
  *stdio = (struct program_stdio){slave, slave, slave, true};
  return true;
}

static bool open_pipes(struct exec *exec, struct program_stdio *stdio) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) != 0) return false;
  exec->in = in[1];
  stdio->in = in[0];
  if (pipe2(out, O_CLOEXEC) != 0) return false;
  exec->out = out[0];
  stdio->out = out[1];
  if (pipe2(err, O_CLOEXEC) != 0) return false;
  exec->err = err[0];
  stdio->err = err[1];
  for (int i = 0; i < 3; i++) fcntl((int[]){exec->in, exec->out, exec->err}[i], F_SETFL, O_NONBLOCK);
  return true;
}

static void close_stdio(struct program_stdio *stdio) {
  if (stdio->is_terminal) stdio->out = stdio->err = -1;
  close_fd(&stdio->in);
  close_fd(&stdio->out);
  close_fd(&stdio->err);
}

/* `program` NULL: the agent's own program does what the request says with files. */
static const char *start(struct exec *exec, const struct program *program, const struct json_value *request) {
  struct program_stdio stdio = {-1, -1, -1, false};
  const char *failure = "no pipes or terminal for the program";
  int exit_code;
  if (exec->is_terminal ? open_terminal(exec, &stdio, request) : open_pipes(exec, &stdio))
    exec->pid = program == NULL ? program_start_files(request, &stdio, &failure) : program_start(program, &stdio, &exit_code, &failure);
  close_stdio(&stdio);
  return exec->pid > 0 ? NULL : failure;
}

static struct exec **claim(unsigned channel) {
  struct exec **place = free_place();
  const char *wrong = channel == 0 || find(channel) != NULL ? "the channel is in use" : place == NULL ? "16 programs run already" : NULL;
  if (wrong == NULL && (*place = calloc(1, sizeof **place)) == NULL) wrong = "no memory";
  if (wrong != NULL) {
    refuse(channel, wrong);
    return NULL;
  }
  (*place)->channel = channel;
  (*place)->in = (*place)->out = (*place)->err = -1;
  (*place)->out_window = (*place)->err_window = WINDOW_BYTES;
  return place;
}

static void begin(struct exec **place, const struct program *program, const struct json_value *request) {
  unsigned channel = (*place)->channel;
  const char *failure = start(*place, program, request);
  if (failure != NULL) {
    refuse(channel, failure);
    return forget(place);
  }
  TEXT(answer, 64);
  text_add(&answer, "{\"ok\":true,\"pid\":%d}", (int)(*place)->pid);
  port_send(RESPONSE, channel, answer.bytes, answer.length);
}

void exec_start(unsigned channel, const struct json_value *request) {
  struct program program;
  struct json_cursor cursor;
  struct json_value first;
  const char *wrong = program_read(request, &program);
  if (wrong != NULL) return refuse(channel, wrong);
  json_open(&program.argv, &cursor);
  if (!json_next(&cursor, NULL, &first)) return refuse(channel, "argv is empty");
  struct exec **place = claim(channel);
  if (place == NULL) return;
  (*place)->is_terminal = is_true(request, "tty");
  unsigned timeout = number(request, "timeout_ms", 0);
  if (timeout > 0) (*place)->deadline_ms = now_ms() + (long)timeout;
  begin(place, &program, request);
}

void exec_start_files(unsigned channel, const struct json_value *request) {
  struct exec **place = claim(channel);
  if (place == NULL) return;
  (*place)->is_files = true;
  begin(place, NULL, request);
}

static void kill_group(const struct exec *exec, int signal_number) {
  if (!exec->has_ended) kill(-exec->pid, signal_number);
}

static void take_input(struct exec *exec, const struct channel_frame *frame) {
  if (frame->length == 0) exec->input_ends = true;
  if (exec->input_ends) return;
  /* More than the window: the host does not keep the contract, and there is no place for its bytes. */
  if (frame->length > WINDOW_BYTES - exec->input_length) return kill_group(exec, SIGKILL);
  for (uint32_t i = 0; i < frame->length; i++)
    exec->input[(exec->input_start + exec->input_length + i) % WINDOW_BYTES] = frame->body[i];
  exec->input_length += frame->length;
}

static void take_window(struct exec *exec, const struct json_value *body) {
  char stream[8];
  struct json_value name;
  size_t bytes = number(body, "bytes", 0);
  if (!json_member(body, "stream", &name) || json_string(&name, stream, sizeof stream) < 0) return;
  size_t *window = strcmp(stream, "stdout") == 0 ? &exec->out_window : strcmp(stream, "stderr") == 0 ? &exec->err_window : NULL;
  if (window != NULL) *window = bytes > WINDOW_BYTES - *window ? WINDOW_BYTES : *window + bytes;
}

void exec_receive(const struct channel_frame *frame) {
  struct exec **place = find(frame->channel);
  struct json_value body;
  if (place == NULL) return;
  if (frame->type == STDIN) return take_input(*place, frame);
  if (!json_read((const char *)frame->body, frame->length, &body) || body.type != JSON_OBJECT) return;
  if (frame->type == WINDOW) take_window(*place, &body);
  if (frame->type == RESIZE && (*place)->is_terminal) resize((*place)->in, &body);
  if (frame->type == SIGNAL) kill_group(*place, (int)number(&body, "signal", 0));
}

bool exec_reaped(pid_t pid, int status) {
  for (int i = 0; i < MAX_EXECS; i++) {
    if (execs[i] == NULL || execs[i]->has_ended || execs[i]->pid != pid) continue;
    execs[i]->has_ended = true;
    execs[i]->status = status;
    return true;
  }
  return false;
}

static void tell_window(struct exec *exec, size_t taken) {
  TEXT(body, 64);
  exec->input_untold += taken;
  if (exec->input_untold < WINDOW_STEP_BYTES) return;
  text_add(&body, "{\"stream\":\"stdin\",\"bytes\":%zu}", exec->input_untold);
  port_send(WINDOW, exec->channel, body.bytes, body.length);
  exec->input_untold = 0;
}

static void drop_input(struct exec *exec) {
  tell_window(exec, exec->input_length);
  exec->input_length = 0;
}

/* A terminal has no end of input but the character for it (^D, termios(3)). */
static void end_input(struct exec *exec) {
  if (exec->is_terminal) {
    if (write(exec->in, "\004", 1) != 1) return;
  } else {
    close_fd(&exec->in);
  }
  exec->input_ends = false;
}

static void pump_input(struct exec *exec) {
  if (exec->in < 0) return drop_input(exec);
  while (exec->input_length > 0) {
    size_t straight = WINDOW_BYTES - exec->input_start;
    ssize_t wrote = write(exec->in, exec->input + exec->input_start, exec->input_length < straight ? exec->input_length : straight);
    if (wrote < 0 && errno == EAGAIN) return;
    if (wrote < 0) {
      if (!exec->is_terminal) close_fd(&exec->in);
      return drop_input(exec);
    }
    exec->input_start = (exec->input_start + (size_t)wrote) % WINDOW_BYTES;
    exec->input_length -= (size_t)wrote;
    tell_window(exec, (size_t)wrote);
  }
  if (exec->input_ends) end_input(exec);
}

static bool has_room(size_t window) { return window > 0 && port_room() > ANSWER_ROOM_BYTES + HEADER_BYTES + CHUNK_BYTES; }

/* True when the stream has nothing more for now: it is closed or empty. */
static bool pump_output(struct exec *exec, enum frame_type type, int *fd, size_t *window) {
  static unsigned char chunk[CHUNK_BYTES];
  while (*fd >= 0 && has_room(*window)) {
    ssize_t got = read(*fd, chunk, *window < sizeof chunk ? *window : sizeof chunk);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) {
      /* EIO on a terminal: the last program on its other side is gone. */
      if (exec->is_terminal) exec->in = -1;
      close_fd(fd);
      return true;
    }
    *window -= (size_t)got;
    port_send(type, exec->channel, chunk, (size_t)got);
  }
  return *fd < 0;
}

static void send_exit(const struct exec *exec) {
  TEXT(body, 96);
  if (WIFEXITED(exec->status)) text_add(&body, "{\"exit_code\":%d,\"signal\":null", WEXITSTATUS(exec->status));
  else text_add(&body, "{\"exit_code\":null,\"signal\":%d", WTERMSIG(exec->status));
  text_add(&body, ",\"timed_out\":%s}", exec->timed_out ? "true" : "false");
  port_send(EXIT, exec->channel, body.bytes, body.length);
}

static void check_deadline(struct exec *exec) {
  if (exec->deadline_ms == 0 || exec->has_ended || now_ms() < exec->deadline_ms) return;
  exec->timed_out = true;
  exec->deadline_ms = 0;
  kill_group(exec, SIGKILL);
}

void exec_pump(void) {
  for (int i = 0; i < MAX_EXECS; i++) {
    struct exec *exec = execs[i];
    if (exec == NULL) continue;
    check_deadline(exec);
    pump_input(exec);
    /* Read after `has_ended` was seen: all that the program wrote is in the pipes by then. */
    bool ended = exec->has_ended;
    bool out_done = pump_output(exec, STDOUT, &exec->out, &exec->out_window);
    bool err_done = pump_output(exec, STDERR, &exec->err, &exec->err_window);
    if (!ended || !out_done || !err_done) continue;
    send_exit(exec);
    forget(&execs[i]);
  }
}

static int add(struct pollfd *fds, int fd, short events) {
  if (fd < 0 || events == 0) return 0;
  *fds = (struct pollfd){fd, events, 0};
  return 1;
}

int exec_poll_fds(struct pollfd fds[EXEC_POLL_FDS], long *timeout_ms) {
  int count = 0;
  for (int i = 0; i < MAX_EXECS; i++) {
    const struct exec *exec = execs[i];
    if (exec == NULL) continue;
    bool writes = exec->input_length > 0 || exec->input_ends;
    count += add(fds + count, exec->in, writes ? POLLOUT : 0);
    count += add(fds + count, exec->out, has_room(exec->out_window) ? POLLIN : 0);
    count += add(fds + count, exec->err, has_room(exec->err_window) ? POLLIN : 0);
    if (exec->deadline_ms == 0 || exec->has_ended) continue;
    long left = exec->deadline_ms - now_ms();
    if (*timeout_ms < 0 || left < *timeout_ms) *timeout_ms = left < 0 ? 0 : left;
  }
  return count;
}

void exec_end_all(void) {
  for (int i = 0; i < MAX_EXECS; i++) {
    if (execs[i] == NULL) continue;
    /* One that writes a file takes what it has made of it back. */
    kill_group(execs[i], execs[i]->is_files ? SIGTERM : SIGKILL);
    forget(&execs[i]);
  }
}
