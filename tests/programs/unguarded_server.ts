// A program without the line that a thread needs: it serves again in the thread.

import { socket, thread } from "../../mod.ts";

export function client_thread(conn: socket.Socket): void {
  conn.close();
}

const server = socket.create_server(["127.0.0.1", 0]);
const client = await socket.create_connection(server.getsockname());
const [conn] = await server.accept();
await thread.start_joinable_thread(client_thread, [conn]).join();
server.close();
client.close();
