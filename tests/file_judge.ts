/**
 * Python's `io` module as the judge of files, over streams whose every read
 * and write is prescribed.
 *
 * @module
 */

import { readiness, type Source } from "../select/mod.ts";
import { errno, socket } from "../mod.ts";
import { interpreter } from "./oracle.ts";

/** The bytes of one read of the stream, in hexadecimal; `null` for none yet. */
export type Chunk = string | null;

/** An operation and its argument. */
export type Operation = [name: string, argument?: number | string | null];

/** One case: a stream, a file over it, and operations of the file. */
export interface Scene {
  /** The results of the reads. */
  chunks?: readonly Chunk[];
  /** How many bytes each write takes, `null` for none; all of them afterwards. */
  takes?: readonly (number | null)[];
  /** The size of the buffer. */
  size: number;
  /** How text is treated; bytes if it is left out. */
  text?: socket.TextOptions;
  /** The operations. */
  operations: readonly Operation[];
}

/** The outcome of a scene. */
export interface Outcome {
  /** The result of each operation: bytes in hexadecimal, errors after a `!`. */
  results: unknown[];
  /** The written bytes, in hexadecimal. */
  written: string;
  /** The line ends that were read. */
  newlines: string | string[] | null;
}

const PROGRAM = `
import io, json, sys
class Raw(io.RawIOBase):
    def __init__(self, chunks, takes):
        self.chunks = [c if c is None else bytes.fromhex(c) for c in chunks]
        self.takes = takes
        self.out = b""
    def readable(self): return True
    def writable(self): return True
    def readinto(self, b):
        if not self.chunks: return 0
        c = self.chunks.pop(0)
        if c is None: return None
        n = min(len(b), len(c))
        b[:n] = c[:n]
        if c[n:]: self.chunks.insert(0, c[n:])
        return n
    def write(self, b):
        n = len(b)
        if self.takes:
            n = self.takes.pop(0)
            if n is None: return None
        n = min(n, len(b))
        self.out += bytes(b[:n])
        return n
def do(f, name, arg):
    if name in ("readinto", "readinto1"):
        b = bytearray(arg)
        n = getattr(f, name)(b)
        return None if n is None else b[:n].hex()
    if name == "write" and isinstance(f, io.BufferedIOBase):
        arg = bytes(i % 251 for i in range(arg))
    r = getattr(f, name)() if arg is None else getattr(f, name)(arg)
    if name == "readlines": return [l if isinstance(l, str) else l.hex() for l in r]
    return r.hex() if isinstance(r, bytes) else r
for line in sys.stdin:
    q = json.loads(line)
    raw = Raw(q.get("chunks") or [], q.get("takes") or [])
    if "takes" in q: f = io.BufferedWriter(raw, q["size"])
    else: f = io.BufferedReader(raw, q["size"])
    if "text" in q: f = io.TextIOWrapper(f, **q["text"])
    results = []
    for name, arg in q["operations"]:
        try: results.append(do(f, name, arg))
        except BlockingIOError as e: results.append("!blocked %d" % e.characters_written)
        except ValueError: results.append("!value")
        if "takes" not in q and results[-1] == "!value": break
    newlines = getattr(f, "newlines", None)
    if results[-1:] == ["!value"]: newlines = None
    if isinstance(newlines, tuple): newlines = list(newlines)
    out = raw.out
    raw.out = b""
    try: f.flush()
    except OSError: pass
    out += raw.out
    print(json.dumps(dict(results=results, written=out.hex(), newlines=newlines)), flush=True)
    raw.takes = []
`;

/** A python3 that plays one scene after the other. */
export class Judge implements AsyncDisposable {
  readonly #child = new Deno.Command(interpreter, {
    args: ["-c", PROGRAM],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  readonly #answers = this.#child.stdout.pipeThrough(new TextDecoderStream())
    [Symbol.asyncIterator]();
  readonly #questions = this.#child.stdin.getWriter();

  /** Plays a scene. */
  async play(scene: Scene): Promise<Outcome> {
    const operations = scene.operations.map(([name, argument = null]) => [
      name,
      argument,
    ]);
    const line = JSON.stringify({ ...scene, operations });
    const written = this.#questions.write(
      new TextEncoder().encode(`${line}\n`),
    );
    let answer = "";
    while (!answer.endsWith("\n")) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error("python3 went away");
      answer += value;
    }
    await written;
    return JSON.parse(answer);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#questions.close();
    await this.#answers.next();
    await this.#child.status;
  }
}

/** Plays a scene with the files of this project. */
export async function play(scene: Scene): Promise<Outcome> {
  const tape = new Tape(scene);
  const mode = scene.takes ? "w" : "r";
  const buffer = new socket.BufferedIO(
    new socket.SocketIO(tape, mode),
    scene.size,
  );
  const file = scene.text ? new socket.TextIO(buffer, scene.text) : buffer;
  const results: unknown[] = [];
  for (const [name, argument = null] of scene.operations) {
    const result = await outcome(() => operate(file, name, argument));
    results.push(result);
    if (!scene.takes && result === "!value") break;
  }
  // How much is decoded before an error depends on the size of the chunks.
  const failed = results.at(-1) === "!value";
  const newlines = file instanceof socket.TextIO && !failed
    ? file.newlines
    : null;
  await file.flush().catch(() => {});
  const { written } = tape;
  tape.takes.length = 0;
  await file.close();
  return { results, written, newlines };
}

async function operate(
  file: socket.BufferedIO | socket.TextIO,
  name: string,
  argument: number | string | null,
): Promise<unknown> {
  const methods = file as unknown as Record<
    string,
    (argument?: unknown) => Promise<unknown>
  >;
  if (name === "readinto" || name === "readinto1") {
    const buffer = new Uint8Array(argument as number);
    const count = await methods[name]!(buffer) as number | null;
    return count === null ? null : buffer.subarray(0, count).toHex();
  }
  if (name === "write" && file instanceof socket.BufferedIO) {
    const bytes = Uint8Array.from(
      { length: argument as number },
      (_, i) => i % 251,
    );
    return await file.write(bytes);
  }
  const result = argument === null
    ? await methods[name]!()
    : await methods[name]!(argument);
  return plain(result);
}

function plain(result: unknown): unknown {
  if (result instanceof Uint8Array) return result.toHex();
  if (Array.isArray(result)) return result.map(plain);
  return result ?? null;
}

async function outcome(operation: () => Promise<unknown>): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof RangeError) return "!value";
    if (!(error instanceof socket.BlockingIOError)) throw error;
    const { characters_written } = error as unknown as Record<string, unknown>;
    return `!blocked ${characters_written}`;
  }
}

/** A non-blocking socket whose every call is prescribed. */
export class Tape implements socket.FileSocket {
  readonly #chunks: (Uint8Array<ArrayBuffer> | null)[];
  readonly takes: (number | null)[];
  /** The sent bytes, in hexadecimal. */
  written = "";

  constructor({ chunks = [], takes = [] }: Pick<Scene, "chunks" | "takes">) {
    this.#chunks = chunks.map((chunk) =>
      chunk === null ? null : Uint8Array.fromHex(chunk)
    );
    this.takes = [...takes];
  }

  /** Has no readiness: no test waits for it. */
  get [readiness](): Source {
    return { readiness: 0, watch() {}, unwatch() {} };
  }

  dup(): Tape {
    return this;
  }

  close(): void {}

  fileno(): number {
    return 3;
  }

  gettimeout(): number {
    return 0;
  }

  settimeout(): void {}

  // deno-lint-ignore require-await
  async recv_into(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return 0;
    if (chunk === null) throw new socket.OSError(errno.EAGAIN);
    const part = chunk.subarray(0, buffer.length);
    buffer.set(part);
    if (part.length < chunk.length) {
      this.#chunks.unshift(chunk.subarray(part.length));
    }
    return part.length;
  }

  readonly type = socket.SOCK_STREAM;

  read(): Promise<null> {
    throw new Error("no scene reads all without a buffer");
  }

  readline(): Promise<null> {
    throw new Error("no scene reads lines without a buffer");
  }

  // deno-lint-ignore require-await
  async send(data: Uint8Array<ArrayBuffer>): Promise<number> {
    const take = this.takes.length > 0 ? this.takes.shift()! : data.length;
    if (take === null) throw new socket.OSError(errno.EAGAIN);
    const part = data.subarray(0, take);
    this.written += part.toHex();
    return part.length;
  }
}
