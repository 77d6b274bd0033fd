/**
 * What comes back from those who used an endpoint before.
 *
 * @module
 */

/** What one former user still has to bring. */
export interface Debt<T> {
  left: number;
  readonly brought: T[];
}

/** All that comes back, in the order in which it was told. */
export class Debts<T> {
  readonly #deliver: (item: T) => void;
  readonly #debts: Debt<T>[] = [];

  constructor(deliver: (item: T) => void) {
    this.#deliver = deliver;
  }

  /** Nobody has to bring anything. */
  get empty(): boolean {
    return this.#debts.length === 0;
  }

  /**
   * So much comes back from the last user; `null` if nothing does. It was told
   * that before others bring what they still have.
   */
  add(left: number): Debt<T> | null {
    if (left === 0) return null;
    const debt = { left, brought: [] };
    this.#debts.unshift(debt);
    return debt;
  }

  /** Something has come back. */
  bring(debt: Debt<T>, item: T): void {
    debt.left--;
    debt.brought.push(item);
    this.#settle();
  }

  /** Nothing more comes from that user. */
  cancel(debt: Debt<T>): void {
    debt.left = 0;
    this.#settle();
  }

  #settle(): void {
    for (let first = this.#debts[0]; first; first = this.#debts[0]) {
      for (const item of first.brought.splice(0)) this.#deliver(item);
      if (first.left > 0) return;
      this.#debts.shift();
    }
  }
}
