/**
 * Files over sockets.
 *
 * @module
 */

export { IOBase } from "./base.ts";
export { BufferedIO } from "./buffered.ts";
export type { Errors } from "./codec/codec.ts";
export {
  type BinaryFile,
  type BinaryMode,
  makefile,
  type TextMode,
} from "./makefile.ts";
export type { Newline } from "./newline.ts";
export { type FileSocket, SocketIO } from "./raw.ts";
export { TextIO, type TextOptions } from "./text.ts";
export { UnsupportedOperation } from "./unsupported.ts";
