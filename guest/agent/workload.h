/*
 * The one program that this VM is for, and the VM's end:
 *
 *      none ──start──► running ──exit──► exited ──► EVENT taken by the host, disk flushed, power off
 *                        └─────────── shutdown: SIGTERM, and SIGKILL to all when the grace is over ──────┘
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "programs.h"
#include "text.h"

/** Starts it. One that cannot be started has exited with 127 or 126 at once. */
void workload_start(const struct program *program);

bool workload_reaped(pid_t pid, int status);

/** Adds the contract's `{"state":…}`. */
void workload_describe(struct text *text);

/** Ends the VM: at once when no workload runs, else by SIGTERM and a deadline. */
void workload_shut_down(long grace_ms);

/** Ends the VM when the time has come. Call in each turn; lowers `*timeout_ms` (-1: none) to the next deadline. */
void workload_turn(long *timeout_ms);

#endif
