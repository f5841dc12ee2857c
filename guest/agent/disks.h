/* Disks, as the kernel names them, and their parts. */
#ifndef DISKS_H
#define DISKS_H

#include <stdbool.h>
#include <stddef.h>

/** No disk is larger, and no part. */
#define MOST_DISK_BYTES (1ULL << 50)

/** The device file of the virtio disk with this serial. False when there is none. */
bool disk_find(const char *serial, char *device, size_t capacity);

/** Mounts an ext4 that the guest writes. False and errno. */
bool disk_mount_written(const char *device, const char *target);

/**
 * Makes a part of the disk `device`, which the kernel then shows as a device of its own: `part` gets its name. It lasts until the VM ends;
 * a part that is there already is taken as it is.
 * @param number from 1.
 * @param start_bytes and size_bytes: whole MiB.
 */
bool disk_part_make(const char *device, int number, unsigned long long start_bytes, unsigned long long size_bytes, char *part, size_t capacity);

#endif
