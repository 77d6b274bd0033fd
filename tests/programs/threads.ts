// What programs that start threads print, and when they end: the argument says
// which one.

import { socket, thread } from "../../mod.ts";

export async function raises(): Promise<void> {
  await null;
  throw new TypeError("what went wrong");
}

export function prints(text: string): void {
  console.log(text, thread._count());
}

export async function keeps(conn: socket.Socket): Promise<void> {
  await conn.recv(1);
  Object.assign(globalThis, { conn });
}

export async function interrupts(): Promise<void> {
  thread.interrupt_main();
  await new Promise(() => {});
}

function hidden(): void {}

const programs: Record<string, () => Promise<void> | void> = {
  async raises() {
    await thread.start_joinable_thread(raises).join();
    await thread.start_joinable_thread(prints, ["the next one runs"]).join();
  },
  hidden() {
    thread.start_new_thread(hidden);
  },
  runs() {
    thread.start_new_thread(prints, ["still runs"]);
  },
  async keeps() {
    const server = socket.create_server(["127.0.0.1", 0]);
    console.log(server.getsockname()[1]);
    const [conn] = await server.accept();
    server.close();
    thread.start_new_thread(keeps, [conn]);
  },
  interrupts() {
    addEventListener("error", (event) => {
      event.preventDefault();
      console.log(event.error.name);
      Deno.exit(130);
    });
    thread.start_new_thread(interrupts);
  },
  leaves() {
    addEventListener("unload", () => console.log("unload"));
    thread.exit();
  },
};

if (import.meta.main) await programs[Deno.args[0]]();
