/**
 * Objects by number.
 *
 * @module
 */

/**
 * Objects by number, where numbers are used again. In a Map that numbers enter
 * and leave all the time, each table that it outgrows keeps alive all that was
 * ever in it, up to the next collection of the whole heap.
 */
export class Slab<T extends object> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #first: number;
  #next: number;

  /** The numbers begin with `first`. */
  constructor(first = 1) {
    this.#first = this.#next = first;
  }

  /** The reserved numbers. */
  reserved(): Set<number> {
    const length = this.#next - this.#first;
    const all = Array.from({ length }, (_, index) => this.#first + index);
    return new Set(all).difference(new Set(this.#free));
  }

  /** Takes a number that has no object yet. */
  reserve(): number {
    return this.#free.pop() ?? this.#next++;
  }

  /** Forgets the object of a reserved number, and gives the number back. */
  release(number: number): void {
    this.delete(number);
    this.#free.push(number);
  }

  /** The object of a number. */
  get(number: number): T | undefined {
    return this.#items[number - this.#first];
  }

  /** Gives a number its object. */
  set(number: number, item: T): void {
    this.#items[number - this.#first] = item;
  }

  /** Forgets the object of a number. */
  delete(number: number): void {
    this.#items[number - this.#first] = undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.#items.length = 0;
  }

  /** All objects. */
  values(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }
}
