/* Secrets in files that a child has inherited and must not share. `root` is put in front of every path: "" in a guest. */
#ifndef INHERITED_H
#define INHERITED_H

/** Looks each place up, so that the kernel knows in a child which of them are not there, and asks no disk. */
void inherited_look_up(const char *root);

/** Removes the seeds that a system would credit to its random generator at its next boot. What stays is noted on the console. How many went. */
int inherited_seeds_remove(const char *root);

/**
 * The same, and removes SSH host keys and has `ssh-keygen` make new ones, when there are any; that takes at most `limit_ms`. The old ones
 * are gone in any case; what failed is noted on the console. How many files went.
 */
int inherited_renew(const char *root, long limit_ms);

#endif
