/** Commit timestamps: which ones the versions of a snapshot have. @module */

import { MAX_U64, u32be } from "../bytes/integers.ts";

/** The commit timestamps that versions have; chunks, which are read at any time, may have others. */
export interface Times {
  /** No version is older. */
  readonly earliest: bigint;
  /** No version is newer. */
  readonly latest: bigint;
}

/** What is known before anything was read. */
export const ANY_TIME: Times = { earliest: 0n, latest: MAX_U64 };

/** The least and the greatest of some timestamps, taken from their inverses behind stored keys. */
export class TimeSpan implements Times {
  #leastHigh = 0xffff_ffff;
  #leastLow = 0xffff_ffff;
  #greatestHigh = 0;
  #greatestLow = 0;

  /** Takes the inverted timestamp at an offset. */
  add(bytes: Uint8Array, at: number): void {
    const high = u32be(bytes, at);
    const low = u32be(bytes, at + 4);
    if (high < this.#leastHigh || (high === this.#leastHigh && low < this.#leastLow)) {
      this.#leastHigh = high;
      this.#leastLow = low;
    }
    if (high > this.#greatestHigh || (high === this.#greatestHigh && low > this.#greatestLow)) {
      this.#greatestHigh = high;
      this.#greatestLow = low;
    }
  }

  /** 0 when there are none. */
  get latest(): bigint {
    return timeOf(this.#leastHigh, this.#leastLow);
  }

  /** The greatest number when there are none. */
  get earliest(): bigint {
    return timeOf(this.#greatestHigh, this.#greatestLow);
  }
}

function timeOf(high: number, low: number): bigint {
  return MAX_U64 - ((BigInt(high) << 32n) | BigInt(low));
}
