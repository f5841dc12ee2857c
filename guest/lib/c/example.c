/*
 * A worker that is forked while it waits: arms the mailbox NAME, and each child prints its own payload.
 *
 *     cc -o example example.c ramet_mailbox.c ramet_json.c
 *     ./example NAME [TIMEOUT_MS] [PARTS]
 *
 * The frame is a tmpfs file here, which `mailbox ls` shows; ramet_mailbox_map makes one in this process's own memory.
 */
#include "ramet_mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char payload[RAMET_MAX_PARTS * RAMET_PART_BYTES + 1];

static const char *run_directory(void) {
  const char *directory = getenv("RAMET_RUN_DIR");
  return directory != NULL ? directory : "/run/ramet";
}

static int arm(struct ramet_mailbox *box, const char *name, unsigned parts) {
  char path[512], token[RAMET_TOKEN_BYTES + 2] = {0};
  snprintf(path, sizeof path, "%s/token", run_directory());
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  char *line = fgets(token, sizeof token, file);
  fclose(file);
  if (line == NULL) return -1;
  snprintf(path, sizeof path, "%s/mailboxes", run_directory());
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/mailboxes/%s", run_directory(), name);
  if (ramet_mailbox_map_file(box, path, parts) != 0) return -1;
  return ramet_mailbox_arm(box, name, token, strcspn(token, "\n"));
}

static int use(struct ramet_mailbox *box, const char *name) {
  struct ramet_ack ack;
  ssize_t length = ramet_mailbox_take(box, payload, sizeof payload);
  if (length < 0) return perror("take"), 1;
  puts(payload);
  fflush(stdout);
  if (ramet_ack_find(payload, (size_t)length, &ack) && ramet_ack_send(&ack, name, NULL) != 0) return perror("ack"), 1;
  return 0;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "job";
  struct ramet_mailbox box;
  if (arm(&box, name, argc > 3 ? (unsigned)atoi(argv[3]) : 1) != 0) return perror("arm"), 1;
  fputs("armed\n", stderr);
  enum ramet_state state = ramet_mailbox_wait(&box, argc > 2 ? atol(argv[2]) : -1);
  if (state == RAMET_ARMED) return 124;
  if (state == RAMET_CORRUPT) return ramet_mailbox_refuse(&box, name), 1;
  return use(&box, name);
}
