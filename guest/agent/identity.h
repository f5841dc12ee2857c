/*
 * Who this VM is. A fork wakes the agent with the parent's identity in its memory; the child's lies in `ramet.system`:
 *
 *      armed ──(host fills it, VM resumes)──────────► look ──► entropy, clock, hostname, machine-id, network,
 *        ▲                                                     identity.json, seeds, host keys, hooks, generation (last) ──► ack
 *        └───────────────────────────── armed again ◄────────────────────────────────────────────────────────────────────────┘
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "../lib/c/ramet_json.h"

#include <stdbool.h>

struct identity {
  char instance_id[128], name[128], hostname[65], parent[128];
  char generation[37]; /* empty before the first fork */
};

const struct identity *identity_now(void);

/** Takes the first identity, from `configure`, and arms the system mailbox. The root must be entered. NULL, or what failed. */
const char *identity_configure(const struct json_value *request);

/**
 * Lets the workload's user arm mailboxes with the instance's own token, as root does: this VM is for that program. `user` is empty for
 * root, else as in user_find; one that is not found is the workload's failure, not this one's.
 */
void identity_share_mailboxes(const char *user);

/** Takes the identity of a fork. The same generation again changes nothing. NULL, or what failed. */
const char *identity_apply(const struct json_value *payload);

/**
 * Before the VM goes off: the disk gets what stood in memory only, whose it is and what its owner changed in /etc. What failed is noted on
 * the console.
 */
void identity_save(void);

/** Whether the system mailbox holds something to look at. Reads two words of memory. */
bool identity_is_delivered(void);

/** Looks into the system mailbox and applies, acknowledges and re-arms when something was delivered. */
void identity_look(void);

/** The parts that the agent channel also offers alone. NULL, or what failed. */
const char *clock_set(const struct json_value *holder);
const char *entropy_add(const struct json_value *holder);

#endif
