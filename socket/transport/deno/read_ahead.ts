/**
 * Operations of Deno that run ahead of the call that takes their outcome.
 *
 * @module
 */

import type { OSError } from "../../errors.ts";
import type { Stream } from "./domain.ts";

/** A resource with at most one pending operation. */
export abstract class ReadAhead {
  readonly #resource: Pick<Stream, "ref" | "unref">;
  protected readonly changed: () => void;
  #awaited = false;
  /** The resource keeps the process alive, as it does at first. */
  #referenced = true;
  /** An operation is under way. */
  pending = false;
  /** The error of an operation that no call waited for, until it is fetched. */
  error: OSError | null = null;

  constructor(resource: Pick<Stream, "ref" | "unref">, changed: () => void) {
    this.#resource = resource;
    this.changed = changed;
  }

  /** Begins an operation, unless one is pending or its outcome was not taken. */
  abstract fill(): void;

  /** Begins an operation also if outcomes were not taken, where that is possible. */
  more(): void {
    this.fill();
  }

  /** A call waits for the operation itself. */
  get busy(): boolean {
    return false;
  }

  /** A call waits for the endpoint to become ready. */
  set awaited(awaited: boolean) {
    this.#awaited = awaited;
    this.keepAlive();
  }

  /** Lets the process end if no call waits for the pending operation. */
  protected keepAlive(): void {
    const needed = this.#awaited || this.busy;
    if (!this.pending || needed === this.#referenced) return;
    this.#referenced = needed;
    if (needed) this.#resource.ref?.();
    else this.#resource.unref?.();
  }
}
