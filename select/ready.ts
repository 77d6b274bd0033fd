/**
 * Results that can be awaited once, or iterated.
 *
 * @module
 */

/**
 * The result of `select()` and `poll()`: `await` it for one, or write
 * `for await` to get one after the other. Nothing is waited for before that.
 */
export class Ready<T> implements Promise<T>, AsyncIterable<T> {
  /** The name that `Object.prototype.toString` shows. */
  readonly [Symbol.toStringTag] = "Ready";
  readonly #once: () => Promise<T>;
  readonly #again: () => AsyncGenerator<T, void, void>;
  #promise: Promise<T> | null = null;

  /**
   * @param once Waits for one result.
   * @param again Waits for one result after the other, without end if left out.
   * @internal
   */
  constructor(
    once: () => Promise<T>,
    again: () => AsyncGenerator<T, void, void> = () => repeat(once),
  ) {
    this.#once = once;
    this.#again = again;
  }

  #start(): Promise<T> {
    return this.#promise ??= this.#once();
  }

  /** As the method of `Promise`. */
  then<A = T, B = never>(
    onfulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#start().then(onfulfilled, onrejected);
  }

  /** As the method of `Promise`. */
  catch<B = never>(
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<T | B> {
    return this.#start().catch(onrejected);
  }

  /** As the method of `Promise`. */
  finally(onfinally?: (() => void) | null): Promise<T> {
    return this.#start().finally(onfinally);
  }

  /** One result after the other. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    return this.#again();
  }
}

async function* repeat<T>(
  once: () => Promise<T>,
): AsyncGenerator<T, void, void> {
  for (;;) yield once();
}
