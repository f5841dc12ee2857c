/* Disks that stand on their own: mounted where the host says, before the root is entered. */
#ifndef VOLUMES_H
#define VOLUMES_H

#include "../lib/c/ramet_json.h"

/** Mounts the request's `volumes` in the new root, in their order. A second call goes on where the first one failed. NULL, or what failed. */
const char *volumes_mount(const struct json_value *request);

/** Flushes those that are written and makes them read-only. All other processes must be gone. */
void volumes_end(void);

#endif
