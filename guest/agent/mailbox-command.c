#define _GNU_SOURCE
#include "mailbox-command.h"
#include "../lib/c/ramet_mailbox.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: mailbox arm NAME [--token TOKEN] [--parts N]\n"
    "       mailbox wait NAME [--token TOKEN] [--parts N] [--timeout MS] [--no-ack]\n"
    "       mailbox ack NAME [--failed REASON]\n"
    "       mailbox ls [--json]\n"
    "\n"
    "A mailbox is a named place in this VM's memory. Whoever forks the VM can put one JSON object into it, and the child\n"
    "finds it there.\n"
    "\n"
    "  arm   makes the mailbox ready for the next fork. N parts hold N x 3832 bytes (1 part, at most 32).\n"
    "  wait  arms it unless it is armed, waits, prints the payload and a newline, and tells the host \"applied\".\n"
    "        With --no-ack it leaves the telling to a later `mailbox ack`.\n"
    "  ack   tells the host that the payload was applied, or why it was not.\n"
    "  ls    lists this VM's mailboxes: name, parts, and armed, delivered or consumed.\n"
    "\n"
    "The token is what a fork must know to write here; the default is the instance's own, in /run/ramet/token (root only).\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 124 the timeout passed.\n";

/* How long the caller waits for the host's answer, which comes within a millisecond or two, and on a machine with many children later. */
enum { ANSWER_MS = 200 };

enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2, TIMED_OUT = 124 };

struct options {
  const char *name, *token, *failed;
  unsigned parts; /* 0: not said */
  long timeout_ms;
  bool no_ack, json;
};

static int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int complain(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("mailbox: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  return code;
}

static void path_of(char *into, size_t capacity, const char *name, const char *suffix) {
  const char *directory = getenv("RAMET_RUN_DIR");
  snprintf(into, capacity, "%s/mailboxes/%s%s", directory != NULL ? directory : "/run/ramet", name, suffix);
}

/* The instance's own token, when none was given. */
static bool find_token(const struct options *options, char token[RAMET_TOKEN_BYTES + 2]) {
  if (options->token != NULL) return snprintf(token, RAMET_TOKEN_BYTES + 2, "%s", options->token) > 0;
  char path[512];
  const char *directory = getenv("RAMET_RUN_DIR");
  snprintf(path, sizeof path, "%s/token", directory != NULL ? directory : "/run/ramet");
  ssize_t length = file_read(path, token, RAMET_TOKEN_BYTES + 2);
  if (length > 0) token[strcspn(token, "\n")] = 0;
  return length > 0 && token[0] != 0;
}

static int arm(const struct options *options, struct ramet_mailbox *box) {
  char token[RAMET_TOKEN_BYTES + 2], path[512];
  if (!find_token(options, token)) return complain(FAILED, "the instance's token is not readable; give one with --token");
  path_of(path, sizeof path, options->name, "");
  if (ramet_mailbox_map_file(box, path, options->parts == 0 ? 1 : options->parts) != 0) return complain(FAILED, "cannot open %s: %s", path, strerror(errno));
  int result = ramet_mailbox_arm(box, options->name, token, strlen(token));
  explicit_bzero(token, sizeof token);
  if (result == 0) return DONE;
  ramet_mailbox_unmap(box);
  return complain(FAILED, "the instance's token does not have 1 to 128 bytes");
}

static int arm_command(const struct options *options) {
  struct ramet_mailbox box;
  int code = arm(options, &box);
  if (code == DONE) ramet_mailbox_unmap(&box);
  return code;
}

/* Whether the mailbox that stands there is the one that was asked for: armed, or with mail that nobody has taken. */
static bool is_wanted(const struct options *options, const struct ramet_mailbox *box) {
  enum ramet_state state = ramet_mailbox_state(box);
  if (state == RAMET_UNARMED || state == RAMET_CONSUMED) return false;
  if (options->parts != 0 && options->parts != box->parts) return false;
  return options->token == NULL || ramet_mailbox_is(box, options->name, options->token, strlen(options->token));
}

static int open_or_arm(const struct options *options, struct ramet_mailbox *box) {
  char path[512];
  path_of(path, sizeof path, options->name, "");
  if (ramet_mailbox_map_file(box, path, 0) == 0) {
    if (is_wanted(options, box)) return DONE;
    ramet_mailbox_unmap(box);
  }
  return arm(options, box);
}

static int remember_ack(const struct options *options, const struct ramet_ack *ack) {
  TEXT(line, 512);
  char path[512];
  path_of(path, sizeof path, options->name, ".ack");
  text_add(&line, "%s\n%s\n%s\n", ack->host, ack->port, ack->nonce);
  if (file_replace(path, 0600, line.bytes, line.length) == 0) return DONE;
  return complain(FAILED, "cannot write %s: %s", path, strerror(errno));
}

static char payload[RAMET_MAX_PARTS * RAMET_PART_BYTES + 1];
static char stdout_buffer[sizeof payload + 1];

static size_t payload_length;

/* What was used of them: untouched pages would be made for it first. */
static void wipe_payload(void) {
  explicit_bzero(payload, payload_length + 1);
  explicit_bzero(stdout_buffer, payload_length + 1);
}

/*
 * A datagram is lost when the host's socket is flooded, and nothing tells the guest but that no answer comes. So the ack is said again a few
 * times, until it is answered: by a process of its own, without the caller's streams, so that the caller goes on at once.
 */
static void repeat_ack(const struct ramet_ack_question *question) {
  static const long pauses_ms[] = {100, 400, 1000, 2000, 4000};
  if (fork() != 0) return;
  wipe_payload();
  setsid();
  int nothing = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(nothing, fd);
  for (size_t at = 0; at < sizeof pauses_ms / sizeof *pauses_ms && !ramet_ack_is_heard(question, pauses_ms[at]); at++)
    ramet_ack_ask_again(question);
  _exit(0);
}

/* The answer is worth its time: under software emulation a second process and its repeats take many times as much of a child's. */
static int send_ack(const struct ramet_ack *ack, const char *name, const char *reason) {
  struct ramet_ack_question question;
  if (ramet_ack_ask(&question, ack, name, reason) != 0) return complain(FAILED, "the ack was not sent: %s", strerror(errno));
  if (!ramet_ack_is_heard(&question, ANSWER_MS)) repeat_ack(&question);
  close(question.fd);
  return DONE;
}

static int print_payload(const char *text, size_t length) {
  if (fwrite(text, 1, length, stdout) == length && fputc('\n', stdout) != EOF && fflush(stdout) == 0) return DONE;
  return complain(FAILED, "the payload was not written to stdout: %s", strerror(errno));
}

static int deliver(const struct options *options, size_t length) {
  struct ramet_ack ack = {0};
  bool wanted = ramet_ack_find(payload, length, &ack);
  /* Also when nobody asked: then `mailbox ack` has nothing to send, which is no failure of its caller. */
  int code = options->no_ack ? remember_ack(options, &ack) : DONE;
  if (code == DONE) code = print_payload(payload, length);
  if (wanted && !options->no_ack) {
    int sent = send_ack(&ack, options->name, code == DONE ? NULL : "the payload was not written");
    if (code == DONE) code = sent;
  }
  return code;
}

static int wait_command(const struct options *options) {
  struct ramet_mailbox box;
  int code = open_or_arm(options, &box);
  if (code != DONE) return code;
  setvbuf(stdout, stdout_buffer, _IOFBF, sizeof stdout_buffer);
  enum ramet_state state = ramet_mailbox_wait(&box, options->timeout_ms);
  if (state == RAMET_DELIVERED) {
    ssize_t length = ramet_mailbox_take(&box, payload, sizeof payload);
    payload_length = length < 0 ? 0 : (size_t)length;
    code = length < 0 ? complain(FAILED, "the payload was not taken: %s", strerror(errno)) : deliver(options, (size_t)length);
    wipe_payload();
  } else {
    code = TIMED_OUT;
    if (state == RAMET_CORRUPT) {
      ramet_mailbox_refuse(&box, options->name);
      code = complain(FAILED, "what was delivered to %s is corrupt and was discarded", options->name);
    }
  }
  ramet_mailbox_unmap(&box);
  return code;
}

static int ack_command(const struct options *options) {
  char path[512], content[512];
  struct ramet_ack ack = {0};
  path_of(path, sizeof path, options->name, ".ack");
  if (file_read(path, content, sizeof content) < 0) return complain(FAILED, "no `mailbox wait --no-ack` of %s is to be acknowledged", options->name);
  bool wanted = content[0] != '\n';
  if (wanted && sscanf(content, "%63[^\n]\n%5[^\n]\n%128[^\n]", ack.host, ack.port, ack.nonce) < 2) return complain(FAILED, "%s is damaged", path);
  int code = wanted ? send_ack(&ack, options->name, options->failed) : DONE;
  if (code == DONE) unlink(path);
  return code;
}

static void list_one(const char *path, bool json, bool first) {
  static const char *const states[] = {"armed", "delivered", "consumed"};
  struct ramet_mailbox box;
  char name[RAMET_NAME_BYTES + 1];
  if (ramet_mailbox_map_file(&box, path, 0) != 0) return;
  enum ramet_state state = ramet_mailbox_state(&box);
  const char *word = state == RAMET_CORRUPT ? "delivered" : states[state < 0 ? 0 : state];
  if (state != RAMET_UNARMED && ramet_mailbox_name(&box, name) == 0) {
    if (json) printf("%s{\"name\":\"%s\",\"parts\":%u,\"state\":\"%s\"}", first ? "" : ",", name, box.parts, word);
    else printf("%-24s %2u %s\n", name, box.parts, word);
  }
  ramet_mailbox_unmap(&box);
}

static int ls_command(const struct options *options) {
  char directory[512], path[512];
  struct dirent **entries = NULL;
  path_of(directory, sizeof directory, "", "");
  int count = scandir(directory, &entries, NULL, alphasort);
  bool first = true;
  if (options->json) fputs("[", stdout);
  for (int i = 0; i < count; i++) {
    path_of(path, sizeof path, entries[i]->d_name, "");
    struct stat file;
    bool is_frame = lstat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0 && file.st_size % RAMET_FRAME_BYTES == 0;
    if (is_frame) list_one(path, options->json, first), first = false;
    free(entries[i]);
  }
  free(entries);
  if (options->json) fputs("]\n", stdout);
  return fflush(stdout) == 0 ? DONE : FAILED;
}

static bool read_number(const char *text, long least, long most, long *into) {
  char *end;
  errno = 0;
  *into = strtol(text, &end, 10);
  return errno == 0 && end != text && *end == 0 && *into >= least && *into <= most;
}

static int read_options(int argc, char **argv, struct options *options) {
  *options = (struct options){.timeout_ms = -1};
  for (int i = 2; i < argc; i++) {
    const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    long number;
    if (strcmp(word, "--no-ack") == 0) options->no_ack = true;
    else if (strcmp(word, "--json") == 0) options->json = true;
    else if (word[0] != '-' && options->name == NULL) options->name = word;
    else if (word[0] != '-') return complain(WRONG_USAGE, "one NAME at a time, not also %s", word);
    else if (value == NULL) return complain(WRONG_USAGE, "%s is unknown or needs a value", word);
    else if (strcmp(word, "--token") == 0) options->token = value, i++;
    else if (strcmp(word, "--failed") == 0) options->failed = value, i++;
    else if (strcmp(word, "--timeout") == 0 && read_number(value, 0, 2147483647, &number)) options->timeout_ms = number, i++;
    else if (strcmp(word, "--parts") == 0 && read_number(value, 1, RAMET_MAX_PARTS, &number)) options->parts = (unsigned)number, i++;
    else return complain(WRONG_USAGE, "%s %s: see mailbox --help", word, value);
  }
  return DONE;
}

static bool is_name(const char *name) {
  size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
  return length >= 1 && length <= RAMET_NAME_BYTES && name[length] == 0;
}

static int check_token(const char *token) {
  bool fits = token == NULL || (token[0] != 0 && strlen(token) <= RAMET_TOKEN_BYTES);
  return fits ? DONE : complain(WRONG_USAGE, "a token has 1 to 128 bytes");
}

static int check_name(const char *name) {
  if (name == NULL) return complain(WRONG_USAGE, "a NAME is missing: see mailbox --help");
  /* "." and ".." are names of the contract, but no file can carry them. */
  if (!is_name(name) || name[0] == '.') return complain(WRONG_USAGE, "a NAME is 1 to 64 of A-Z a-z 0-9 . _ : - and does not begin with a dot");
  if (strncmp(name, "ramet.", 6) == 0) return complain(WRONG_USAGE, "names that begin with ramet. are the system's own");
  if (strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".ack") == 0) return complain(WRONG_USAGE, "a NAME does not end with .ack");
  return DONE;
}

int mailbox_command(int argc, char **argv) {
  struct options options;
  const char *verb = argc > 1 ? argv[1] : "";
  if (strcmp(verb, "--help") == 0 || strcmp(verb, "help") == 0) return fputs(help, stdout) < 0 ? FAILED : DONE;
  int code = read_options(argc, argv, &options);
  if (code != DONE) return code;
  if (strcmp(verb, "ls") == 0) return ls_command(&options);
  bool known = strcmp(verb, "arm") == 0 || strcmp(verb, "wait") == 0 || strcmp(verb, "ack") == 0;
  if (!known) return complain(WRONG_USAGE, "say arm, wait, ack or ls: see mailbox --help");
  code = check_name(options.name);
  if (code == DONE) code = check_token(options.token);
  if (code != DONE) return code;
  return strcmp(verb, "arm") == 0 ? arm_command(&options) : strcmp(verb, "wait") == 0 ? wait_command(&options) : ack_command(&options);
}
