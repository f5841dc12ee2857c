/*
 * send-datagram HOST PORT TEXT…: sends each TEXT as one UDP datagram, all from one socket, so that they arrive in order.
 * send-datagram HOST PORT -n COUNT TEXT…: the same COUNT times.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *to;
  if (argc < 4 || getaddrinfo(argv[1], argv[2], &hints, &to) != 0) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int first = argc > 5 && strcmp(argv[3], "-n") == 0 ? 5 : 3;
  for (long times = first == 5 ? atol(argv[4]) : 1; times > 0; times--)
    for (int i = first; i < argc; i++)
      if (sendto(fd, argv[i], strlen(argv[i]), 0, to->ai_addr, to->ai_addrlen) < 0) return perror("sendto"), 1;
  return 0;
}
