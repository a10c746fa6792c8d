/** One version in several files: both must be genuine, and say the same. @module */

import { equalBytes, startsWith } from "../bytes/compare.ts";
import { type EntryBatch, storedValue } from "../container/entry_batch.ts";
import type { Origin } from "../container/entry_table.ts";
import { UnsoundError } from "../errors.ts";
import { FAMILY } from "../keyspace/families.ts";
import { isWriterKey, metaKey } from "../keyspace/meta_rows.ts";
import type { Authentication } from "./authentication.ts";
import { Opener } from "./opener.ts";
import {
  isEncrypted,
  isMalformed,
  TIMESTAMP_LENGTH,
  TOMBSTONE,
  VALUE_HEADER_LENGTH,
} from "./resolver.ts";

const CATALOG = FAMILY.dist.bytes;

/** Compares the versions that are left out, because another file has them too, with those taken. */
export class Copies {
  readonly #origins: readonly Pick<Origin, "name">[];
  readonly #authentication: Authentication;
  readonly #opener: Opener;

  /** @param origins Where the entries are from. */
  constructor(origins: readonly Pick<Origin, "name">[], authentication: Authentication) {
    this.#origins = origins;
    this.#authentication = authentication;
    this.#opener = new Opener(authentication);
  }

  /**
   * What is wrong with entry `c` of `copy`, when entry `k` of `kept` has the same stored key and another
   * value.
   */
  problem(kept: EntryBatch, k: number, copy: EntryBatch, c: number): UnsoundError | undefined {
    const { bytes, ranges, inputs, positions } = copy;
    const start = ranges[c * 4];
    const end = ranges[c * 4 + 1];
    if (isSystemRow(copy, c)) return undefined;
    const { name: file } = this.#origins[inputs[c]];
    const { name: other } = this.#origins[kept.inputs[k]];
    if (!isMalformed(kept, k) && !isMalformed(copy, c)) {
      const problem = this.#authentication.problem(copy, c, file);
      if (problem) return problem;
      // What is wrong with the one that is taken is told where it is taken.
      if (this.#authentication.problem(kept, k, other)) return undefined;
      if (this.#saysTheSame(kept, k, copy, c)) return undefined;
    }
    const key = bytes.subarray(start, Math.max(start, end - TIMESTAMP_LENGTH));
    // Each node writes the first rows of the catalog of routes by itself.
    if (startsWith(key, CATALOG)) return undefined;
    return new UnsoundError(
      "conflict",
      `${other} has another value for the same version of this key`,
      {
        file,
        offset: positions[c],
        key,
        hint: "one of the files is damaged or of another cluster: give them one by one",
      },
    );
  }

  /** Whether only keys could tell that entry `c` says the same as entry `k`, which is a clear one. */
  isUnproven(kept: EntryBatch, k: number, copy: EntryBatch, c: number): boolean {
    if (isMalformed(copy, c) || isSystemRow(copy, c)) return false;
    return isEncrypted(storedValue(copy, c), 0) && !isEncrypted(storedValue(kept, k), 0);
  }

  /**
   * Encrypted values have random parts: they are opened to be compared. Without keys, only whether and
   * until when they live can be.
   */
  #saysTheSame(kept: EntryBatch, k: number, copy: EntryBatch, c: number): boolean {
    const a = storedValue(kept, k);
    const b = storedValue(copy, c);
    if (!isEncrypted(a, 0) && !isEncrypted(b, 0)) return false;
    if ((a[0] & TOMBSTONE) !== (b[0] & TOMBSTONE)) return false;
    if (!equalBytes(a.subarray(1, VALUE_HEADER_LENGTH), b.subarray(1, VALUE_HEADER_LENGTH))) {
      return false;
    }
    return this.#authentication.keys === undefined ||
      equalBytes(this.#opener.open(kept, k, ""), this.#opener.open(copy, c, ""));
  }
}

/** Whether an entry is a row of the store itself, of which each node has its own. */
export function isSystemRow({ bytes, ranges }: EntryBatch, i: number): boolean {
  const [start, end] = ranges.subarray(i * 4, i * 4 + 2);
  return metaKey(bytes, start, end) !== undefined || isWriterKey(bytes, start, end);
}
