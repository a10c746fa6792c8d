/** Digests of the values of rows, in plain TypeScript. @module */

import { sha256Of } from "../../bytes/digest.ts";
import { DIGEST_LENGTH } from "../codes.ts";
import type { Rows } from "./rows.ts";

/** See `Kernels.digestValues`. */
export function digestValues({ bytes, ranges, count }: Rows): Uint8Array {
  const digests = new Uint8Array(DIGEST_LENGTH * count);
  for (let i = 0; i < count; i++) {
    const value = bytes.subarray(ranges[4 * i + 2], ranges[4 * i + 3]);
    digests.set(sha256Of(value), DIGEST_LENGTH * i);
  }
  return digests;
}
