/* Interfaces, addresses and routes by ioctl(2): see netdevice(7). */
#ifndef NETWORK_H
#define NETWORK_H

#include "../lib/c/ramet_json.h"

struct network {
  char interface[16];
  char mac[18], ipv4[16], gateway[16], dns[64];
  unsigned prefix;
};

/** Reads the contract's `network` object; null is a machine without a network card, and leaves all empty. False when a field is missing or no address. */
bool network_read(const struct json_value *object, struct network *network);

/** Puts the loopback interface up. NULL, or what failed. */
const char *network_start_loopback(void);

/** Gives the interface its mac, its one address, and the default route; does nothing when it has them, or when there is no card. NULL, or what failed. */
const char *network_apply(const struct network *network);

#endif
