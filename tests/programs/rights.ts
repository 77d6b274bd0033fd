// A thread that receives descriptors, and ends with or without closing them.

import { socket } from "../../mod.ts";

export async function hold(
  way: socket.Socket,
  closes: boolean,
): Promise<void> {
  const [, fds] = await socket.recv_fds(way, 1, 9);
  await way.send(String(fds.length));
  await way.recv(1);
  if (closes) fds.forEach((fd) => socket.close(fd));
  else close();
}
