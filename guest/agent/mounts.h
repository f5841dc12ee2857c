/* File systems and kernel modules: from the initramfs to the workload's root, and to a clean disk at the end. */
#ifndef MOUNTS_H
#define MOUNTS_H

/** Mounts /proc, /sys, /dev and /run in the initramfs and turns stdio to the console. NULL, or what failed. */
const char *mounts_begin(void);

/** Loads the modules of a group of /modules.list, in its order. NULL, or what failed. */
const char *modules_load(const char *group);

/**
 * Makes the root out of the disks with the serials `ramet-root` (read-only) and `ramet-disk` (ext4, written), moves there and
 * frees the initramfs. A second call changes nothing. NULL, or what failed.
 */
const char *mounts_enter_root(void);

/** Flushes the written disk and makes it read-only. All other processes must be gone. */
void mounts_end(void);

#endif
