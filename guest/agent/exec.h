/*
 * Programs that the host runs in the guest, one per channel of the session:
 *
 *      start ──► running ──(child reaped)──► ended, output still to send ──► EXIT, forgotten
 *
 * Output is read only while the host has given room for it and the port's queue has some.
 */
#ifndef EXEC_H
#define EXEC_H

#include "../lib/c/ramet_json.h"
#include "channel.h"

#include <poll.h>
#include <sys/types.h>

enum { MAX_EXECS = 16, EXEC_POLL_FDS = 3 * MAX_EXECS };

/** Answers the request on its channel: `{"ok":true,"pid":n}`, or a sentence. */
void exec_start(unsigned channel, const struct json_value *request);

/** The same for the agent's own file operations, which are a process too: see files.h. */
void exec_start_files(unsigned channel, const struct json_value *request);

/** STDIN, RESIZE, SIGNAL and WINDOW frames; one for a channel that is no longer there is ignored. */
void exec_receive(const struct channel_frame *frame);

/** Tells that a child was reaped. False when it was none of these. */
bool exec_reaped(pid_t pid, int status);

/** Moves input and output as far as they go, and ends what is over its time. */
void exec_pump(void);

/** Fills `fds` with what to wait for and returns how many; lowers `*timeout_ms` (-1: none) to the next deadline. */
int exec_poll_fds(struct pollfd fds[EXEC_POLL_FDS], long *timeout_ms);

/** Ends everything that the session before has started, without a word to the host. */
void exec_end_all(void);

#endif
