/* The writable disk when a volume's overlay has a size of its own: a part for the root and one for each such overlay. */
#ifndef DISK_PARTS_H
#define DISK_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/** No disk is larger, and no part. */
#define MOST_DISK_BYTES (1ULL << 50)

/**
 * Makes a part of the disk `device`, which the kernel then shows as a device of its own: `part` gets its name. It lasts until the VM ends;
 * a part that is there already is taken as it is.
 * @param number from 1.
 * @param start_bytes and size_bytes: whole MiB.
 */
bool disk_part_make(const char *device, int number, unsigned long long start_bytes, unsigned long long size_bytes, char *part, size_t capacity);

#endif
