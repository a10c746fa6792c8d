/** The keys that a key begins with, where keys come in ascending order. @module */

/** A key that later ones may begin with. */
export interface OpenKey<T> {
  /** The key: a view that is valid as long as the key that extended it. */
  key: Uint8Array;
  /** What is known of it. */
  value: T;
}

/**
 * Keeps the keys that begin the current one, which are all that a later key can begin with. Each is a
 * prefix of the next: only lengths are kept, about 50 bytes of memory for each.
 */
export class OpenKeys<T> {
  readonly #open: { length: number; value: T }[] = [];
  #current: Uint8Array = new Uint8Array(0);

  /** The keys that the current one begins with, the shortest first, as their lengths. */
  get keys(): readonly { length: number; value: T }[] {
    return this.#open;
  }

  /**
   * Goes on to a key, or to the end of the keys, and forgets those that it does not begin with.
   *
   * @param key Kept as it is: the caller must not change it.
   * @returns What was forgotten, the longest first.
   */
  enter(key: Uint8Array | undefined): OpenKey<T>[] {
    const current = this.#current;
    let common = key ? 0 : -1;
    if (key) { while (common < current.length && key[common] === current[common]) common++; }
    const closed: OpenKey<T>[] = [];
    for (let last = this.#open.at(-1); last && last.length > common; last = this.#open.at(-1)) {
      closed.push({ key: current.subarray(0, last.length), value: last.value });
      this.#open.pop();
    }
    this.#current = key ?? new Uint8Array(0);
    return closed;
  }

  /** Keeps the current key open. */
  push(value: T): void {
    this.#open.push({ length: this.#current.length, value });
  }
}
