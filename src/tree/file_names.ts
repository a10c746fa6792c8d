/**
 * How the names in a snapshot become components of paths, in one dump. There are two rules, and all
 * files of a dump follow one of them:
 *
 * - *plain*: for file systems that keep every name. See {@link encodeSegment}.
 * - *portable*: every component can be had everywhere, and no two in a folder differ only in letter case
 *   or in the way of spelling a character.
 *
 * A name is decided from names alone. What can be decided from one name is decided here; of names that
 * differ too little, `twins.ts` and `scope_folders.ts` find those that must change.
 *
 * @module
 */

import {
  encodeBinarySegment,
  encodeSegment,
  escapeDotSegment,
  hashedSegment,
  isHashedSegment,
  portableSegment,
} from "./segment.ts";

/** Makes components of paths. */
export class FileNames {
  /** Which rule is followed. */
  readonly portable: boolean;

  /** For one dump. */
  constructor(portable: boolean) {
    this.portable = portable;
  }

  /** The segment of a name, behind which a suffix follows. */
  segment(raw: Uint8Array): string {
    const segment = encodeSegment(raw);
    return this.portable ? portableSegment(raw, segment) : segment;
  }

  /** The segment of a name that stands alone: never empty, `.` or `..`. */
  component(raw: Uint8Array): string {
    return escapeDotSegment(this.segment(raw)) || hashedSegment(raw);
  }

  /** The segment of a binary name; by the portable rule an empty one, which is `b64.`, is hashed. */
  binarySegment(raw: Uint8Array): string {
    const isRefused = this.portable && raw.length === 0;
    return isRefused ? this.hashed(raw) : encodeBinarySegment(raw);
  }

  /** The hashed form of a name: for one that cannot have its natural form, or would be a twin. */
  hashed(raw: Uint8Array): string {
    const segment = hashedSegment(raw);
    return this.portable ? portableSegment(raw, segment) : segment;
  }

  /**
   * The same as {@link FileNames.component}, for names that nobody compares with the others: by the
   * portable rule, those with capital letters are hashed.
   */
  lone(raw: Uint8Array): string {
    const component = this.component(raw);
    return this.portable && hasCapitals(component) ? this.hashed(raw) : component;
  }
}

/** The hashed form tells names apart by its digits, and the digits of escapes are always capital. */
function hasCapitals(segment: string): boolean {
  return !isHashedSegment(segment) && /[A-Z]/.test(segment.replace(/%[0-9A-F]{2}/g, ""));
}
