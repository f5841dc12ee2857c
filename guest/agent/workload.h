/*
 * The one program that this VM is for, and the VM's end:
 *
 *      none ──start──► running ──exit──► exited ──► EVENT taken by the host, disk flushed, power off
 *                        └─────────── shutdown: its stop signal, and SIGKILL to all when the grace is over ──────┘
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "programs.h"
#include "text.h"

/** The signal that asks it to end, instead of SIGTERM. */
void workload_stop_with(int signal_number);

/** Looks whether a record of the kernel's log says that it was killed because memory ran out. */
void workload_hear(const char *record);

/** Starts it. One that cannot be started has exited with 127 or 126 at once. */
void workload_start(const struct program *program);

bool workload_reaped(pid_t pid, int status);

/** Adds the contract's `{"state":…}`. */
void workload_describe(struct text *text);

/** Ends the VM: at once when no workload runs, else by its stop signal and a deadline. */
void workload_shut_down(long grace_ms);

/** Ends the VM when the time has come. Call in each turn; lowers `*timeout_ms` (-1: none) to the next deadline. */
void workload_turn(long *timeout_ms);

#endif
