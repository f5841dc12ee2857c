/* File systems and kernel modules: from the initramfs to the workload's root, and to a clean disk at the end. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include "../lib/c/ramet_json.h"

#include <stdbool.h>
#include <stddef.h>

/** Mounts /proc, /sys, /dev and /run in the initramfs and turns stdio to the console. NULL, or what failed. */
const char *mounts_begin(void);

/** Loads the modules of a group of /modules.list, in its order. NULL, or what failed. */
const char *modules_load(const char *group);

/** Where the root is made, and where the writable disk lies, until the root is entered. */
#define NEW_ROOT "/root.new"
#define WRITTEN_DISK "/disk"

/**
 * Makes the root out of the disks with the serials `ramet-root` (read-only) and `ramet-disk` (ext4, written; the request's `disk_bytes` of it,
 * when it says so), at NEW_ROOT. A second call changes nothing. NULL, or what failed.
 */
const char *mounts_make_root(const struct json_value *request);

/** Moves to the root that was made and frees the initramfs. A second call changes nothing. NULL, or what failed. */
const char *mounts_enter_root(void);

/** Flushes the written disks and makes them read-only. All other processes must be gone. */
void mounts_end(void);

#endif
