# The server of native_idle.ts in Python: prints its port, a line when all are
# connected, and the middle time of a wait in microseconds.

import select
import socket
import sys
import time

count, rounds = map(int, sys.argv[1:])
server = socket.create_server(("127.0.0.1", 0), backlog=4096)
print(server.getsockname()[1], flush=True)
control = server.accept()[0]
epoll = select.epoll()
conns = {}
for _ in range(count):
    conn = server.accept()[0]
    conn.setblocking(False)
    epoll.register(conn, select.EPOLLIN)
    conns[conn.fileno()] = conn
print("connected", flush=True)
sys.stdin.readline()
times = []
for _ in range(rounds):
    control.sendall(b"g")
    control.recv(1)
    start = time.perf_counter()
    ready = epoll.poll()
    times.append(time.perf_counter() - start)
    for fd, _ in ready:
        conns[fd].recv(16)
print(1e6 * sorted(times)[rounds // 2], flush=True)
