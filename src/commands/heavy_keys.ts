/**
 * The heaviest of very many keys, in bounded memory: filtered space-saving (Homem and Carvalho, 2010).
 *
 * A key that is watched has a counter. All others share cells by their hash, each with the weight that
 * may have gone by unwatched. A key whose cell weighs as much as the lightest counter takes its place,
 * and may have as much weight more than was seen of it as was in the cell: that is its `missed`.
 *
 * @module
 */

/** What a key is counted with. */
export interface Watched<T> {
  /** What is known of it since it is watched. */
  readonly amount: T;
  /** Weight that it may have besides. */
  readonly missed: number;
}

/** Keys that are watched at once: together with their names, at most some MiB. */
const WATCHED = 1 << 13;
/** Cells of the others: 4 MiB. */
const CELLS = 1 << 19;

interface Counter<T> extends Watched<T> {
  missed: number;
  readonly key: string;
  readonly cell: number;
  weight: number;
  /** Place in the heap. */
  place: number;
}

/** Finds the keys with the greatest weights; exact while there are at most 8,192 keys. */
export class HeavyKeys<T> {
  readonly #limit: number;
  readonly #counters = new Map<string, Counter<T>>();
  /** The lightest counter first. */
  readonly #heap: Counter<T>[] = [];
  readonly #passed = new Float64Array(CELLS);
  /** Counters by cell: where there are none, a key is not watched. */
  readonly #watched = new Uint16Array(CELLS);

  /** @param limit Keys that are watched at once. */
  constructor(limit: number = WATCHED) {
    this.#limit = limit;
  }

  /**
   * Adds weight to a key.
   *
   * @param hash Of the key.
   * @param keyOf Makes the key, if it is needed.
   * @param first Makes what a key has that is watched from now on.
   * @returns What it has, if it is watched.
   */
  add(hash: number, weight: number, keyOf: () => string, first: () => T): T | undefined {
    const cell = (hash >>> 0) % CELLS;
    const isFull = this.#heap.length >= this.#limit;
    const passed = this.#passed[cell];
    const isHeavy = !isFull || passed + weight > this.#heap[0].weight;
    if (this.#watched[cell] === 0 && !isHeavy) return this.#pass(cell, weight);
    const key = keyOf();
    const known = this.#counters.get(key);
    if (known) {
      known.weight += weight;
      this.#sink(known.place);
      return known.amount;
    }
    if (!isHeavy) return this.#pass(cell, weight);
    if (isFull) this.#forget(this.#heap[0]);
    const missed = passed;
    const counter = { key, cell, amount: first(), missed, weight: missed + weight, place: 0 };
    this.#counters.set(key, counter);
    this.#watched[cell]++;
    if (isFull) {
      this.#put(counter, 0);
      this.#sink(0);
    } else this.#rise(this.#heap.push(counter) - 1);
    return counter.amount;
  }

  /** The heaviest keys, by the weight that was seen of them. */
  heaviest(count: number): Watched<T>[] {
    return [...this.#heap]
      .sort((a, b) => b.weight - b.missed - (a.weight - a.missed) || (a.key < b.key ? -1 : 1))
      .slice(0, count);
  }

  #pass(cell: number, weight: number): undefined {
    this.#passed[cell] += weight;
  }

  #forget({ key, cell, weight }: Counter<T>): void {
    this.#counters.delete(key);
    this.#watched[cell]--;
    this.#passed[cell] = Math.max(this.#passed[cell], weight);
  }

  #put(counter: Counter<T>, place: number): void {
    this.#heap[place] = counter;
    counter.place = place;
  }

  /** Brings a counter that became heavier to its place. */
  #sink(place: number): void {
    const heap = this.#heap;
    const counter = heap[place];
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < heap.length && heap[child + 1].weight < heap[child].weight) child++;
      if (child >= heap.length || heap[child].weight >= counter.weight) break;
      this.#put(heap[child], place);
      place = child;
    }
    this.#put(counter, place);
  }

  /** Brings a new counter from the end to its place. */
  #rise(place: number): void {
    const counter = this.#heap[place];
    for (;;) {
      const parent = (place - 1) >> 1;
      if (place === 0 || this.#heap[parent].weight <= counter.weight) break;
      this.#put(this.#heap[parent], place);
      place = parent;
    }
    this.#put(counter, place);
  }
}
