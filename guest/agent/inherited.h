/* Secrets in files that a child has inherited and must not share. `root` is put in front of every path: "" in a guest. */
#ifndef INHERITED_H
#define INHERITED_H

/** Removes the seeds that a system would credit to its random generator at its next boot. What stays is noted on the console. */
void inherited_seeds_remove(const char *root);

/**
 * Removes SSH host keys and has `ssh-keygen` make new ones, when there are any; that takes at most `limit_ms`. The old ones are gone
 * in any case; what failed is noted on the console.
 */
void inherited_host_keys_renew(const char *root, long limit_ms);

#endif
