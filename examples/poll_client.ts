// Start a server first (echo_server.ts, select_server.ts), then:
//
// npx -y deno@2.9.6 run --allow-net=localhost:50000,127.0.0.1:50000 --allow-read=. examples/poll_client.ts
//
// The second program of Pycom's tutorial "Socket", line by line: two sockets
// connect at once and go to a thread, where each sends one message, and what
// comes back is read byte by byte, as it comes. Another host and port may
// follow the name of the file; they then belong in --allow-net. The thread
// loads the program's modules, which is what --allow-read is for.
//
// The original goes on for ever. This one ends when the server closes both
// connections, or has sent back what it got.

import { errno, select, socket, thread } from "@berkeley/socket";

const MESSAGE = "Data to send";

export async function socket_thread(
  p: select.Poll<socket.Socket>,
  open: number,
): Promise<void> {
  const missing = new Map<socket.Socket, number>();

  function close(sock: socket.Socket): void {
    // A closed socket that stays registered is reported for ever (POLLNVAL).
    p.unregister(sock);
    sock.close();
    open--;
  }

  while (open > 0) {
    // Wait for any action to happen infinitely
    const l = await p.poll();

    // Start processing the actions happened
    for (const t of l) {
      // First element of the returned tuple is the socket itself
      const sock = t[0];
      // Second element of the returned tuple is the events happened
      const event = t[1];

      // If any error or connection drop happened close the socket
      if (event & select.POLLERR || event & select.POLLHUP) {
        console.log("Connection lost");
        close(sock);
        continue;
      }

      // If the socket is writable then send some data
      // The socket becomes writable if the connect() was successful
      if (event & select.POLLOUT) {
        // If any error occurs during sending here, do "nothing", poll() will
        // return with error event, close the socket there
        try {
          missing.set(sock, await sock.send(MESSAGE));
          // We only want to send one message on this socket, in the future
          // wait only for new incoming messages
          p.modify(sock, select.POLLIN | select.POLLHUP | select.POLLERR);
        } catch { /* see above */ }
      }

      // If any new data is received then get it
      if (event & select.POLLIN) {
        // If any error occurs during receiving here, do "nothing", poll() will
        // return with error event, close the socket there
        try {
          const r = await sock.recv(1);
          // If recv() returns with 0 the other end closed the connection
          if (r.length === 0) {
            close(sock);
            continue;
          }
          // Do something with the received data...
          console.log("Data received: " + new TextDecoder().decode(r));
          missing.set(sock, missing.get(sock)! - r.length);
          if (missing.get(sock) === 0) close(sock);
        } catch { /* see above */ }
      }
    }
  }
}

// The thread loads this module again: this part belongs to the program alone
if (import.meta.main) {
  const [host = "localhost", port = "50000"] = Deno.args;

  // List for storing our sockets
  const socket_list: socket.Socket[] = [];

  // Set up the first socket in non-blocking mode
  const s1 = socket.socket();
  s1.setblocking(false);
  socket_list.push(s1);
  // Set up the second socket in non-blocking mode
  const s2 = socket.socket();
  s2.setblocking(false);
  socket_list.push(s2);

  // Create a new poll object
  const p = select.poll<socket.Socket>();
  // Register the sockets into the poll object, wait for all kind of events
  const ALL = select.POLLIN | select.POLLOUT | select.POLLHUP | select.POLLERR;
  p.register(s1, ALL);
  p.register(s2, ALL);

  // Try to connect to the server with each socket
  for (const s of socket_list) {
    try {
      await s.connect([host, Number(port)]);
    } catch (e) {
      // In case of a non-blocking socket connect() raises an exception of
      // EINPROGRESS, which is expected
      if (!(e instanceof socket.OSError) || e.args[0] !== errno.EINPROGRESS) {
        // Raise all other errors
        throw e;
      }
    }
  }

  // Start the thread which takes care of the non-blocking sockets through the
  // created poll object
  thread.start_new_thread(socket_thread, [p, socket_list.length]);
}
