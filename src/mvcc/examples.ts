/** Keys by which a report shows what it counts. @module */

import { equalBytes } from "../bytes/compare.ts";
import type { CutKey } from "../errors.ts";
import { shortKey } from "./problems.ts";

/** Keys that are kept of each kind. */
export const MAX_EXAMPLES = 5;

/** A row by its key. */
export interface KeyExample {
  /** The key, or the beginning of one that is long. */
  key: Uint8Array;
  /** The whole key, where `key` is only its beginning. */
  cut?: CutKey;
}

/** Keeps a copy of a key if it is one of the first. */
export function addExample(examples: KeyExample[], key: Uint8Array): void {
  if (examples.length < MAX_EXAMPLES) examples.push(shortKey(key));
}

/** Takes a key back, if it is one of those that were kept. */
export function removeExample(examples: KeyExample[], key: Uint8Array): void {
  const short = shortKey(key);
  const i = examples.findIndex((one) =>
    equalBytes(one.key, short.key) && one.cut?.sha256 === short.cut?.sha256
  );
  if (i >= 0) examples.splice(i, 1);
}
