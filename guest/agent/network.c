#define _GNU_SOURCE
#include "network.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct network applied;

static bool read_field(const struct json_value *object, const char *key, char *into, size_t capacity) {
  struct json_value value;
  return json_member(object, key, &value) && json_string(&value, into, capacity) > 0;
}

static bool is_ipv4(const char *text) {
  struct in_addr address;
  return inet_pton(AF_INET, text, &address) == 1;
}

static bool mac_read(const char *text, unsigned char bytes[6]) {
  unsigned part[6];
  char rest;
  if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", part, part + 1, part + 2, part + 3, part + 4, part + 5, &rest) != 6) return false;
  for (int i = 0; i < 6; i++) bytes[i] = (unsigned char)part[i];
  return true;
}

bool network_read(const struct json_value *object, struct network *network) {
  struct json_value prefix;
  unsigned long long bits;
  unsigned char mac[6];
  memset(network, 0, sizeof *network);
  if (object->type == JSON_NULL) return true;
  if (!json_member(object, "prefix", &prefix) || !json_integer(&prefix, 32, &bits)) return false;
  network->prefix = (unsigned)bits;
  return read_field(object, "interface", network->interface, sizeof network->interface) &&
         read_field(object, "mac", network->mac, sizeof network->mac) && mac_read(network->mac, mac) &&
         read_field(object, "ipv4", network->ipv4, sizeof network->ipv4) && is_ipv4(network->ipv4) &&
         read_field(object, "gateway", network->gateway, sizeof network->gateway) && is_ipv4(network->gateway) &&
         read_field(object, "dns", network->dns, sizeof network->dns);
}

static struct sockaddr ipv4_address(const char *text, unsigned prefix) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  if (text != NULL) inet_pton(AF_INET, text, &address.sin_addr);
  else address.sin_addr.s_addr = htonl(prefix == 0 ? 0 : ~0u << (32 - prefix));
  struct sockaddr result;
  memcpy(&result, &address, sizeof result);
  return result;
}

/*
 * No host of ours routes IPv6, and its own addresses, probes and reports are what a child's first milliseconds would go to. Before the
 * interface is up, for it has them a moment later. A kernel without IPv6 has no such setting.
 */
static void leave_ipv6_off(const char *interface) {
  char path[80];
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", interface);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, "1", 1) != 1) say("%s was not set: %s", path, strerror(errno));
  close(fd);
}

static struct ifreq request_for(const char *interface) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
  return request;
}

static int set_up(int fd, const char *interface) {
  struct ifreq request = request_for(interface);
  if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) return -1;
  request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
  return ioctl(fd, SIOCSIFFLAGS, &request);
}

/*
 * The interface stays up: virtio-net takes an address while it is (IFF_LIVE_ADDR_CHANGE), and taking it down waits for its receive queue to
 * come to rest, which in a child that was captured while packets came in did not always happen.
 */
static int set_mac(int fd, const struct network *network) {
  unsigned char wanted[6];
  struct ifreq request = request_for(network->interface);
  if (!mac_read(network->mac, wanted) || ioctl(fd, SIOCGIFHWADDR, &request) != 0) return -1;
  if (memcmp(request.ifr_hwaddr.sa_data, wanted, 6) == 0) return 0;
  memcpy(request.ifr_hwaddr.sa_data, wanted, 6);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  return ioctl(fd, SIOCSIFHWADDR, &request);
}

/* SIOCSIFADDR replaces the address of the same label and, with it, the routes that hung on it. */
static int set_address(int fd, const struct network *network) {
  struct ifreq request = request_for(network->interface);
  request.ifr_addr = ipv4_address(network->ipv4, 0);
  if (ioctl(fd, SIOCSIFADDR, &request) != 0) return -1;
  request.ifr_netmask = ipv4_address(NULL, network->prefix);
  return ioctl(fd, SIOCSIFNETMASK, &request);
}

static int set_default_route(int fd, const struct network *network) {
  char interface[16];
  snprintf(interface, sizeof interface, "%s", network->interface);
  struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = interface};
  route.rt_dst = ipv4_address("0.0.0.0", 0);
  route.rt_genmask = ipv4_address("0.0.0.0", 0);
  route.rt_gateway = ipv4_address(network->gateway, 0);
  return ioctl(fd, SIOCADDRT, &route) != 0 && errno != EEXIST ? -1 : 0;
}

static const char *apply_steps(int fd, const struct network *network) {
  if (set_mac(fd, network) != 0) return "the interface did not take its hardware address";
  if (set_address(fd, network) != 0) return "the interface did not take its address";
  if (set_up(fd, network->interface) != 0) return "the interface did not go up";
  if (set_default_route(fd, network) != 0) return "the default route was refused";
  return NULL;
}

const char *network_apply(const struct network *network) {
  if (network->interface[0] == 0) return NULL;
  if (memcmp(&applied, network, sizeof applied) == 0) return NULL;
  if (strcmp(applied.interface, network->interface) != 0) leave_ipv6_off(network->interface);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "no socket for the network settings";
  const char *failure = apply_steps(fd, network);
  close(fd);
  if (failure != NULL) return failure;
  TEXT(resolver, 128);
  text_add(&resolver, "nameserver %s\n", network->dns);
  if (file_update("/etc/resolv.conf", 0644, resolver.bytes, resolver.length) != 0) return "/etc/resolv.conf was not written";
  applied = *network;
  return NULL;
}

const char *network_start_loopback(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || set_up(fd, "lo") != 0) return "the loopback interface did not go up";
  close(fd);
  return NULL;
}
