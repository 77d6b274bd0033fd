/**
 * The common part of stream and datagram endpoints.
 *
 * @module
 */

import * as errno from "../../../errno.ts";
import { closeDescriptor, sharesOf } from "../../descriptors.ts";
import { OSError } from "../../errors.ts";
import { Watchers } from "../../reactor/watchers.ts";
import type { Departure } from "../transport.ts";
import type { Watch } from "../../reactor/readiness.ts";
import type {
  CommonSettings,
  Configurable,
  OptionTable,
  Value,
} from "./option_table.ts";

/** The kind of {@linkcode Departure} of an endpoint that is made anew. */
export const NEW = "deno";

/** The data from which another thread makes an unused endpoint. */
export type Made = [
  family: number,
  type: number,
  proto: number,
  settings: CommonSettings,
];

/** An endpoint over Deno. */
export abstract class DenoEndpoint implements Configurable {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  abstract readonly settings: CommonSettings;
  protected readonly watchers = new Watchers();
  protected closed = false;
  /** The error that no call has raised yet. */
  protected error: OSError | null = null;

  constructor(family: number, type: number, proto: number) {
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  protected check(): void {
    if (this.closed) throw new OSError(errno.EBADF);
  }

  takeError(): OSError | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  // Readiness

  /** Where input is read ahead, if it is. */
  protected abstract get ahead(): { awaited: boolean } | null;

  get busy(): boolean {
    return this.watchers.calls > 0;
  }

  watch(watch: Watch): void {
    this.watchers.add(watch);
    this.keepAlive();
  }

  unwatch(watch: Watch): void {
    this.watchers.delete(watch);
    this.keepAlive();
  }

  /** Lets the process end while input is read ahead, unless a call waits. */
  protected keepAlive(): void {
    const { ahead } = this;
    if (ahead) ahead.awaited = this.watchers.calls > 0;
  }

  // Options

  protected abstract get options(): OptionTable<this>;

  abstract applySettings(): void;

  getsockopt(level: number, name: number, _size: number): Value {
    this.check();
    return this.options.get(this, level, name);
  }

  setsockopt(level: number, name: number, value: Value): void {
    this.check();
    this.options.set(this, level, name, value);
  }

  // Other threads

  /** Whether the endpoint has state beyond its settings, such as an address. */
  protected abstract get used(): boolean;

  depart(fd: number): Departure | null {
    if (this.used || sharesOf(fd) > 1) return null;
    const { family, type, proto, settings } = this;
    const message: Made = [family, type, proto, settings];
    return { kind: NEW, message, send: () => closeDescriptor(fd) };
  }
}
