/**
 * What a program may reach.
 *
 * @module
 */

/** Whether a program may use a host and port. Never asks the user. */
export function permitted(host: string, port: number): boolean {
  const { state } = Deno.permissions.querySync({
    name: "net",
    host: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  });
  return state === "granted";
}
