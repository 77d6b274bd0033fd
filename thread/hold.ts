/**
 * Python's `with` statement for locks: `using _held = await lock.hold();`.
 *
 * The forms that would not hold the lock fail at once. The type checker refuses
 * them too.
 *
 * @module
 */

/** The result of `hold()`: releases the lock, once, at the end of a block. */
export class Held implements Disposable {
  #release: (() => void) | null;

  /** @internal */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Releases the lock; a second call does nothing. */
  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}

/**
 * The type of `Symbol.dispose` where a `using` declaration is wrong: the error
 * of the type checker shows it, and so the form that is right.
 */
export interface Write<Form extends string> {
  /** Never there. */
  readonly form: Form;
}

/**
 * What `hold()` returns: a promise, which has to be awaited before a `using`
 * declaration takes its value.
 */
export interface Holding extends Promise<Held> {
  /** Raises a `TypeError` that shows the right form. */
  readonly [Symbol.dispose]: Write<"using _held = await lock.hold();">;
}

/** Takes a lock for a block. */
export function hold(
  acquire: () => Promise<unknown>,
  release: () => void,
): Holding {
  const holding = acquire().then(() => new Held(release));
  return Object.defineProperty(holding, Symbol.dispose, {
    get() {
      // Nobody else can release it any more.
      holding.then((held) => held[Symbol.dispose](), () => {});
      throw new TypeError(
        "hold() has to be awaited before the block begins; " +
          "write: using _held = await lock.hold();",
      );
    },
  }) as unknown as Holding;
}

/** Has a `using` declaration of a lock itself fail. */
export function refuseUsing(type: { prototype: object; name: string }): void {
  Object.defineProperty(type.prototype, Symbol.dispose, {
    configurable: true,
    get() {
      throw new TypeError(
        `a ${type.name} is held only through hold(); ` +
          "write: using _held = await lock.hold();",
      );
    },
  });
}
