// Run it, and end it with Ctrl+C:
//
// npx -y deno@2.9.6 run --allow-net=127.0.0.1:6543 --allow-read=. examples/thread_server.ts
//
// The first program of Pycom's tutorial "Socket", line by line: a thread for
// each client, which gets a number. Another host and port may follow the name
// of the file; they then belong in --allow-net. Threads load the program's
// modules, which is what --allow-read is for.

import { socket, thread } from "@berkeley/socket";

// Thread for handling a client
export async function client_thread(clientsocket: socket.Socket, n: number) {
  // Receive maximum of 12 bytes from the client
  const r = await clientsocket.recv(12);

  // If recv() returns with 0 the other end closed the connection
  if (r.length === 0) {
    clientsocket.close();
    return;
  } else {
    // Do something with the received data...
    console.log("Received: " + new TextDecoder().decode(r));
  }

  // Sends back some data
  await clientsocket.send(String(n));

  // Close the socket and terminate the thread
  clientsocket.close();
}

// A thread loads this module again: the server belongs to the program alone
if (import.meta.main) {
  const [host = "127.0.0.1", port = "6543"] = Deno.args;

  // Set up server socket
  const serversocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  serversocket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  serversocket.bind([host, Number(port)]);

  // Accept maximum of 128 connections at the same time (the original has 5
  // here: more that come at once, the system turns away to try again)
  serversocket.listen(128);
  console.log("Listening at", serversocket.getsockname());

  // Unique data to send back
  let c = 0;
  while (true) {
    // Accept the connection of the clients
    const [clientsocket] = await serversocket.accept();
    // Start a new thread to handle the client
    thread.start_new_thread(client_thread, [clientsocket, c]);
    c = c + 1;
  }
}
