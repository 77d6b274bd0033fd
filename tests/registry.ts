/**
 * The package as it is published, from a registry on the loopback that serves it
 * as JSR does.
 *
 * @module
 */

const root = new URL("../", import.meta.url);

/** A registry with this package alone. */
export class Registry implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(files: Map<string, Response>) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) =>
        files.get(new URL(request.url).pathname)?.clone() ??
          new Response("not here", { status: 404 }),
    );
  }

  /**
   * Starts one.
   *
   * @param missing A file that the registry has lost.
   */
  static async start(missing?: string): Promise<Registry> {
    const config = JSON.parse(
      await Deno.readTextFile(new URL("deno.json", root)),
    );
    const { name, version, exports, publish } = config;
    const [scope, short] = name.slice(1).split("/");
    const files = new Map<string, Response>();
    const manifest: Record<string, unknown> = {};
    for (const path of publish.include) {
      for await (const [file, bytes] of filesOf(path)) {
        const sum = await crypto.subtle.digest("SHA-256", bytes);
        const checksum = `sha256-${new Uint8Array(sum).toHex()}`;
        manifest[`/${file}`] = { size: bytes.length, checksum };
        if (file === missing) continue;
        const headers = { "content-type": "text/typescript" };
        files.set(
          `/${name}/${version}/${file}`,
          new Response(bytes, { headers }),
        );
      }
    }
    const versions = { [version]: {} };
    const meta = { scope, name: short, latest: version, versions };
    files.set(`/${name}/meta.json`, Response.json(meta));
    const of = Response.json({ manifest, exports });
    files.set(`/${name}/${version}_meta.json`, of);
    return new Registry(files);
  }

  /** The value for `JSR_URL`. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A file, or all that is in a folder. */
async function* filesOf(
  path: string,
): AsyncGenerator<[path: string, bytes: Uint8Array<ArrayBuffer>]> {
  const url = new URL(path, root);
  if (!path.endsWith("/")) yield [path, await Deno.readFile(url)];
  else {
    for await (const { name, isDirectory } of Deno.readDir(url)) {
      yield* filesOf(path + name + (isDirectory ? "/" : ""));
    }
  }
}
