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
 * How an ext4 that is written is mounted. noinit_itable: no kernel thread writes the zeros that a new file system leaves out. discard: the host
 * is told of blocks that files give up, and gives them back to its own disk.
 */
#define WRITTEN_OPTIONS "noinit_itable,discard"

/**
 * Makes the root out of the disks with the serials `ramet-root` (read-only) and `ramet-disk` (ext4, written; the request's `disk_bytes` of it,
 * when it says so), at NEW_ROOT. A second call changes nothing. NULL, or what failed.
 */
const char *mounts_make_root(const struct json_value *request);

/** Moves to the root that was made and frees the initramfs. A second call changes nothing. NULL, or what failed. */
const char *mounts_enter_root(void);

/** The device file of the virtio disk with this serial. False when there is none. */
bool disk_find(const char *serial, char *device, size_t capacity);

/** Flushes the written disks and makes them read-only. All other processes must be gone. */
void mounts_end(void);

#endif
