/**
 * Files over sockets.
 *
 * @module
 */

import { integer, kind } from "../bytes.ts";
import { BufferedIO } from "./buffered.ts";
import { type FileSocket, SocketIO } from "./raw.ts";
import { TextIO, type TextOptions } from "./text.ts";

export { IOBase, UnsupportedOperation } from "./base.ts";
export type { Errors } from "./codecs.ts";
export type { Newline } from "./newline.ts";
export { BufferedIO, type FileSocket, SocketIO, TextIO, type TextOptions };

/** The modes of files of text. */
export type TextMode = "" | "r" | "w" | "rw" | "wr";

/** The modes of files of bytes: those of text with a `b` anywhere. */
export type BinaryMode = `${TextMode}b` | `b${TextMode}` | "rbw" | "wbr";

/** The file of bytes that a `buffering` asks for: without a buffer if it is 0. */
export type BinaryFile<Buffering extends number | null> = Buffering extends 0
  ? SocketIO
  : number extends Buffering ? SocketIO | BufferedIO
  : BufferedIO;

/** A file over a socket; see `Socket.makefile()`. */
export function makefile(
  socket: FileSocket,
  mode: string,
  buffering: number | null,
  options: TextOptions,
): SocketIO | BufferedIO | TextIO {
  if (typeof mode !== "string") {
    throw new TypeError(`mode must be a string, not ${kind(mode)}`);
  }
  if (!/^[rwb]*$/.test(mode)) {
    throw new RangeError(`invalid mode '${mode}' (only r, w, b allowed)`);
  }
  const writing = mode.includes("w");
  const reading = mode.includes("r") || !writing;
  const binary = mode.includes("b");
  const size = buffering === null ? -1 : integer(buffering, "buffering");
  if (size === 0 && !binary) {
    throw new RangeError("unbuffered streams must be binary");
  }
  const raw = new SocketIO(socket, (reading ? "r" : "") + (writing ? "w" : ""));
  if (size === 0) return raw;
  const lines = !binary && size === 1;
  try {
    const buffer = new BufferedIO(raw, size < 0 || lines ? undefined : size);
    return binary ? buffer : new TextIO(buffer, options, lines, mode);
  } catch (error) {
    // The caller gets no file that it could close.
    raw.close();
    throw error;
  }
}
