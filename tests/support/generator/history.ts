/** What was written to a store, in the order of its clock. @module */

import type { Random } from "./random.ts";

/** One version of one key. */
export interface Write {
  key: Uint8Array;
  /** Absent: the key was deleted. */
  value?: Uint8Array;
  /** When it was committed. */
  ts: bigint;
  /** When it expires; 0 = never. */
  expireAt: bigint;
}

/**
 * How timestamps look: `hybrid` like those of a node (their inverse begins with FE), `small` like
 * those of a test (FF FF …), `huge` such that a key sorts before the keys that extend it.
 */
export type Clock = "hybrid" | "small" | "huge";

export const CLOCKS: readonly Clock[] = ["hybrid", "small", "huge"];

/** Milliseconds since 1970 at which every history begins. */
export const BEGINNING = 1_780_000_000_000;

const FIRST: Record<Clock, bigint> = {
  hybrid: BigInt(BEGINNING) << 16n,
  small: 1n,
  huge: 0xffff_ffff_fff0_0000n,
};

/** Takes writes at a clock that only goes forward. */
export class History {
  readonly random: Random;
  readonly clock: Clock;
  readonly writes: Write[] = [];
  /** The time of the next writes. */
  now: bigint;
  /** Writes of this moment by key: a key has one version a moment. */
  #moment = new Map<string, Write>();

  constructor(random: Random, clock: Clock) {
    this.random = random;
    this.clock = clock;
    this.now = FIRST[clock];
  }

  /** Milliseconds since 1970, as a node would put them into values. */
  get milliseconds(): number {
    return this.clock === "hybrid" ? Number(this.now >> 16n) : BEGINNING + this.writes.length;
  }

  /** Goes on to the next commit time: a later millisecond, or the next count within it. */
  tick(): bigint {
    this.#moment.clear();
    const { random, clock } = this;
    if (clock !== "hybrid") return this.now += BigInt(random.between(1, 3));
    if (random.chance(0.3)) return this.now += 1n;
    return this.now = ((this.now >> 16n) + BigInt(random.between(1, 2000))) << 16n;
  }

  put(key: Uint8Array, value: Uint8Array, expireAt = 0n): void {
    this.#write({ key, value, ts: this.now, expireAt });
  }

  delete(key: Uint8Array): void {
    this.#write({ key, ts: this.now, expireAt: 0n });
  }

  #write(write: Write): void {
    const name = latin1(write.key);
    const same = this.#moment.get(name);
    if (same) Object.assign(same, { value: undefined }, write);
    else {
      this.writes.push(write);
      this.#moment.set(name, write);
    }
  }
}

/** Bytes as a string of one character each: its order is the bytes' order. */
export function latin1(bytes: Uint8Array): string {
  let s = "";
  for (const b of bytes) s += String.fromCharCode(b);
  return s;
}
