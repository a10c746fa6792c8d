/** What all packed inputs have in common. @module */

import { UnsoundError } from "../errors.ts";

/**
 * The error for packed bytes that cannot be unpacked.
 *
 * @param offset Of the member or frame, or of what is none.
 */
export function damagedPacking(file: string, offset: number, cause?: unknown): UnsoundError {
  return new UnsoundError("truncated", "the compressed data is damaged or cut short", {
    file,
    offset,
    hint: "copy the file again",
  }, { cause });
}
