/* The server of native_idle.ts in C: see native_idle.py. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * t.tv_sec + 1e-3 * t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int count = atoi(argv[1]), rounds = atoi(argv[2]);
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in name = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  bind(server, (struct sockaddr *)&name, length);
  listen(server, 4096);
  getsockname(server, (struct sockaddr *)&name, &length);
  printf("%d\n", ntohs(name.sin_port));
  fflush(stdout);
  int control = accept(server, NULL, NULL);
  int ep = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < count; i++) {
    int fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
  }
  printf("connected\n");
  fflush(stdout);
  getchar();
  double *times = calloc(rounds, sizeof *times);
  struct epoll_event ready[1023];
  char buffer[16];
  for (int i = 0; i < rounds; i++) {
    if (write(control, "g", 1) != 1 || read(control, buffer, 1) != 1) return 1;
    double start = now();
    int n = epoll_wait(ep, ready, 1023, -1);
    times[i] = now() - start;
    while (n-- > 0) recv(ready[n].data.fd, buffer, sizeof buffer, 0);
  }
  qsort(times, rounds, sizeof *times, compare);
  printf("%f\n", times[rounds / 2]);
  return 0;
}
