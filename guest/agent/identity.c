#define _GNU_SOURCE
#include "identity.h"
#include "../lib/c/ramet_mailbox.h"
#include "etc-files.h"
#include "hooks.h"
#include "inherited.h"
#include "network.h"
#include "text.h"
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* linux/random.h, whose header musl's compiler wrapper does not find. */
#define RNDADDENTROPY _IOW('R', 0x03, int[2])
#define RNDRESEEDCRNG _IO('R', 0x07)

static const char run_directory[] = "/run/ramet", system_name[] = "ramet.system", hook_directory[] = "/etc/ramet/on-fork.d";

/*
 * While a program of the guest runs here, the host waits for the ack, or for the agent's answer, 10 s and more: all of them together
 * must take less, and what an emulated CPU needs for the rest of an identity.
 */
enum { HOST_KEYS_MS = 4000, HOOK_MS = 5000, USER_SPACE_MS = 8000 };

static struct identity identity;
static struct ramet_mailbox mailbox;
static char system_token[RAMET_TOKEN_BYTES + 1];

const struct identity *identity_now(void) { return &identity; }

static bool read_field(const struct json_value *object, const char *key, char *into, size_t capacity) {
  struct json_value value;
  into[0] = 0;
  return json_member(object, key, &value) && json_string(&value, into, capacity) >= 0;
}

const char *clock_set(const struct json_value *holder) {
  struct json_value value;
  unsigned long long ns;
  if (!json_member(holder, "wall_clock_ns", &value) || !json_integer(&value, ~0ull, &ns)) return "wall_clock_ns is no number of nanoseconds";
  struct timespec now = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
  return clock_settime(CLOCK_REALTIME, &now) == 0 ? NULL : "the clock was not set";
}

/* random(4): RNDADDENTROPY credits the bytes, RNDRESEEDCRNG makes the generator take them at once. */
const char *entropy_add(const struct json_value *holder) {
  struct {
    int bits, bytes;
    unsigned char pool[512];
  } credit;
  char encoded[700];
  if (!read_field(holder, "entropy", encoded, sizeof encoded)) return "entropy is no string";
  ssize_t length = base64_decode(encoded, credit.pool, sizeof credit.pool);
  if (length <= 0) return "entropy is no base64 of 1 to 512 bytes";
  credit.bytes = (int)length;
  credit.bits = credit.bytes * 8;
  /* Kept open from the first identity, at boot, on: a look-up of its path would be most of the work in a child. */
  static int fd = -1;
  if (fd < 0) fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  int result = fd < 0 ? -1 : ioctl(fd, RNDADDENTROPY, &credit);
  if (result == 0) result = ioctl(fd, RNDRESEEDCRNG);
  explicit_bzero(&credit, sizeof credit);
  explicit_bzero(encoded, sizeof encoded);
  return result == 0 ? NULL : "the kernel refused the entropy";
}

static const char *set_hostname(const char *old_name, const char *name) {
  if (strcmp(identity.hostname, name) == 0) return NULL;
  if (sethostname(name, strlen(name)) != 0) return "the kernel refused the hostname";
  const char *failure = etc_hostname_write(name);
  return failure == NULL ? etc_hosts_write(old_name, name) : failure;
}

/* At a boot the disk knows by which name it was last used. */
static const char *set_first_hostname(const char *name) {
  char old_name[sizeof identity.hostname];
  etc_hostname_read(old_name, sizeof old_name);
  return set_hostname(old_name, name);
}

/* machine-id(5): 32 lower-case hexadecimal digits. One that was drawn anew, or is the generation's, is the parent's no more. */
static const char *set_machine_id(const char *generation) {
  char id[33];
  size_t length = 0;
  for (; *generation != 0 && length < 32; generation++)
    if (*generation != '-') id[length++] = *generation;
  id[length] = 0;
  return etc_machine_id_write(id);
}

static const char *draw_machine_id(void) {
  unsigned char bytes[16];
  char id[33];
  if (getentropy(bytes, sizeof bytes) != 0) return "the kernel gave no random bytes";
  for (int i = 0; i < 16; i++) snprintf(id + 2 * i, 3, "%02x", bytes[i]);
  return set_machine_id(id);
}

static bool is_public(const struct json_value *key) {
  static const char *const allowed[] = {"instance_id", "name", "parent", "generation", "hostname", "network"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
    if (json_key_is(key, allowed[i])) return true;
  return false;
}

/* What a child may know of itself: no entropy, no ack address, no token. */
static const char *write_identity_file(const struct json_value *source) {
  TEXT(file, 4096);
  struct json_cursor cursor;
  struct json_value key, value;
  json_open(source, &cursor);
  while (json_next(&cursor, &key, &value)) {
    if (!is_public(&key)) continue;
    text_add(&file, file.length == 0 ? "{" : ",");
    text_add_bytes(&file, key.text, key.length);
    text_add(&file, ":");
    text_add_bytes(&file, value.text, value.length);
  }
  text_add(&file, "}\n");
  if (file.overflowed) return "the identity is too long";
  return file_update("/run/ramet/identity.json", 0644, file.bytes, file.length) == 0 ? NULL : "identity.json was not written";
}

static const char *read_network(const struct json_value *source, struct network *network) {
  struct json_value object;
  if (!json_member(source, "network", &object)) return "network is missing";
  return network_read(&object, network) ? NULL : "network is no object of the contract";
}

static const char *read_identity(const struct json_value *source, struct identity *into) {
  memset(into, 0, sizeof *into);
  if (!read_field(source, "instance_id", into->instance_id, sizeof into->instance_id)) return "instance_id is no string";
  if (!read_field(source, "name", into->name, sizeof into->name)) return "name is no string";
  if (!read_field(source, "hostname", into->hostname, sizeof into->hostname)) return "hostname is no string of at most 64 bytes";
  read_field(source, "parent", into->parent, sizeof into->parent);
  read_field(source, "generation", into->generation, sizeof into->generation);
  return NULL;
}

/* The program that runs as PID 1 is `mailbox` too, under that name: see mailbox-command.c. */
static const char *install_mailbox_command(void) {
  char bytes[65536];
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  mkdir("/run/ramet/bin", 0755);
  int to = open("/run/ramet/bin/mailbox", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
  ssize_t got = from < 0 || to < 0 ? -1 : 1;
  while (got > 0 && (got = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, (size_t)got) != got) got = -1;
  close(from);
  close(to);
  return got == 0 ? NULL : "the mailbox command was not installed";
}

static const char *make_run_directory(const struct json_value *request) {
  char token[RAMET_TOKEN_BYTES + 1];
  mkdir(run_directory, 0755);
  mkdir("/run/ramet/mailboxes", 0700);
  if (!read_field(request, "mailbox_token", token, sizeof token) || token[0] == 0) return "mailbox_token is no string of 1 to 128 bytes";
  if (!read_field(request, "system_token", system_token, sizeof system_token)) return "system_token is no string of 1 to 128 bytes";
  int result = file_replace("/run/ramet/token", 0600, token, strlen(token));
  explicit_bzero(token, sizeof token);
  return result == 0 ? install_mailbox_command() : "the mailbox token was not written";
}

void identity_share_mailboxes(const char *text) {
  static const char *const shared[] = {"/run/ramet/token", "/run/ramet/mailboxes"};
  struct user user;
  if (text[0] == 0 || user_find("", text, &user) != NULL) return;
  for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
    if (chown(shared[i], user.uid, user.gid) != 0) say("%s was not given to user %u", shared[i], user.uid);
}

static const char *arm(void) {
  if (mailbox.frames == NULL && ramet_mailbox_map(&mailbox, 1) != 0) return "no memory was locked for ramet.system";
  return ramet_mailbox_arm(&mailbox, system_name, system_token, strlen(system_token)) == 0 ? NULL : "ramet.system was not armed";
}

static const char *write_generation(const char *generation) {
  char line[40];
  int length = snprintf(line, sizeof line, "%s\n", generation);
  return file_update("/run/ramet/generation", 0644, line, (size_t)length) == 0 ? NULL : "the generation was not written";
}

/* On the disk, so that a disk that was forked without its memory is known for another instance's at the child's first boot. */
static const char disk_owner[] = "/var/lib/ramet/instance-id";

static bool is_disk_of_another(const char *instance_id) {
  char owner[sizeof identity.instance_id];
  return file_read(disk_owner, owner, sizeof owner) > 0 && strcmp(owner, instance_id) != 0;
}

static const char *own_disk(const char *instance_id) {
  mkdir("/var", 0755);
  mkdir("/var/lib", 0755);
  mkdir("/var/lib/ramet", 0755);
  return file_update(disk_owner, 0644, instance_id, strlen(instance_id)) == 0 ? NULL : "the disk's instance id was not written";
}

/* Set while the disk says another instance's id, though what that one left on it is renewed. */
static bool owns_disk_unsaid;

/* At a boot. Keys stay with an instance that is itself again. */
static const char *take_over_disk(const char *instance_id) {
  if (is_disk_of_another(instance_id)) inherited_renew("", HOST_KEYS_MS);
  return own_disk(instance_id);
}

/*
 * In a child, whose disk is its parent's in the state of this moment. When nothing was there to renew, the disk is not written either:
 * that costs an emulated processor much, and may have to wait for a flush of its parent's journal. It is said at the end.
 */
static const char *take_over_forked_disk(const char *instance_id) {
  bool is_same = strcmp(instance_id, identity.instance_id) == 0;
  int renewed = is_same ? inherited_seeds_remove("") : inherited_renew("", HOST_KEYS_MS);
  if (is_same) return NULL;
  owns_disk_unsaid = renewed == 0;
  return renewed == 0 ? NULL : own_disk(instance_id);
}

void identity_save(void) {
  const char *failure = owns_disk_unsaid ? own_disk(identity.instance_id) : NULL;
  if (failure != NULL) say("%s", failure);
  etc_files_save();
}

const char *identity_configure(const struct json_value *request) {
  struct identity first;
  struct network network;
  const char *failure = read_identity(request, &first);
  if (failure == NULL) failure = read_network(request, &network);
  if (failure == NULL) failure = clock_set(request);
  if (failure == NULL) failure = entropy_add(request);
  if (failure == NULL) failure = make_run_directory(request);
  if (failure == NULL) failure = set_first_hostname(first.hostname);
  if (failure == NULL) failure = draw_machine_id();
  if (failure == NULL) failure = network_start_loopback();
  if (failure == NULL) failure = network_apply(&network);
  if (failure == NULL) failure = write_identity_file(request);
  if (failure == NULL) failure = take_over_disk(first.instance_id);
  if (failure == NULL) etc_files_mount();
  inherited_look_up("");
  access(hook_directory, F_OK);
  /* What the boot has written would else be written by each child that is forked within the half minute that the kernel leaves it. */
  sync();
  /* Empty, but there: who waits for mail knows by it that an agent will say when this VM has an identity of its own. */
  if (failure == NULL) failure = write_generation("");
  if (failure == NULL) failure = arm();
  if (failure == NULL) identity = first;
  return failure;
}

/*
 * Whatever else on the disk is the parent's, and what the guest's owner has to add. Once for each generation: the host asks again
 * through the agent channel when this failed, and hears the same.
 */
static const char *settle_user_space(const struct identity *next) {
  static char settled_for[sizeof next->generation];
  static const char *outcome;
  if (strcmp(settled_for, next->generation) == 0) return outcome;
  strcpy(settled_for, next->generation);
  long end = now_ms() + USER_SPACE_MS;
  outcome = take_over_forked_disk(next->instance_id);
  if (outcome == NULL) outcome = hooks_run(hook_directory, next, (struct hook_limits){HOOK_MS, end - now_ms()});
  return outcome;
}

const char *identity_apply(const struct json_value *payload) {
  struct identity next;
  struct network network;
  const char *failure = read_identity(payload, &next);
  if (failure == NULL && strlen(next.generation) != 36) failure = "generation is no UUID";
  if (failure != NULL) return failure;
  if (strcmp(next.generation, identity.generation) == 0) return NULL;
  failure = read_network(payload, &network);
  if (failure == NULL) failure = entropy_add(payload);
  if (failure == NULL) failure = clock_set(payload);
  if (failure == NULL) failure = set_hostname(identity.hostname, next.hostname);
  if (failure == NULL) failure = set_machine_id(next.generation);
  if (failure == NULL) failure = network_apply(&network);
  if (failure == NULL) failure = write_identity_file(payload);
  if (failure == NULL) failure = settle_user_space(&next);
  if (failure == NULL) failure = write_generation(next.generation);
  if (failure == NULL) identity = next;
  return failure;
}

static const char *apply_text(const char *text, size_t length) {
  struct json_value payload;
  if (!json_read(text, length, &payload) || payload.type != JSON_OBJECT) return "the payload is no JSON object";
  return identity_apply(&payload);
}

bool identity_is_delivered(void) {
  return mailbox.frames != NULL && ramet_mailbox_state(&mailbox) != RAMET_ARMED && ramet_mailbox_state(&mailbox) != RAMET_CONSUMED;
}

void identity_look(void) {
  char payload[RAMET_PART_BYTES + 1];
  struct ramet_ack ack;
  if (mailbox.frames == NULL || ramet_mailbox_state(&mailbox) == RAMET_ARMED) return;
  ssize_t length = ramet_mailbox_take(&mailbox, payload, sizeof payload);
  const char *failure = length < 0 ? "the payload of ramet.system is corrupt" : apply_text(payload, (size_t)length);
  bool wanted = length >= 0 && ramet_ack_find(payload, (size_t)length, &ack);
  explicit_bzero(payload, sizeof payload);
  if (failure != NULL) say("the identity of this fork was not taken: %s", failure);
  if (wanted && ramet_ack_send(&ack, system_name, failure) != 0) say("the identity's ack was not sent: %s", strerror(errno));
  failure = arm();
  if (failure != NULL) say("%s", failure);
}
