/**
 * The store's entry stream, cut into entries.
 *
 * ```text
 * "EKVPBBL1" ‖ lastCommitTS u64LE ‖ { keyLen u64LE ‖ key ‖ valLen u64LE ‖ value }*
 * ```
 *
 * There is no terminator: the stream ends with the payload. A file may carry four bytes of CRC32C
 * behind it; an entry takes at least 16 bytes, so exactly four left bytes are never an entry.
 *
 * @module
 */

import { compareBytes } from "../bytes/compare.ts";
import { free } from "../bytes/free.ts";
import { u32le } from "../bytes/integers.ts";
import { UnsoundError } from "../errors.ts";
import { isPromise, type MaybePromise, type Source } from "../sources/source.ts";
import { BATCH_ENTRIES, type EntryBatch, type EntryStream } from "./entry_batch.ts";

/** Longest stored key: 1 MiB and the 8 bytes of its timestamp. */
export const MAX_KEY_LENGTH: number = (1 << 20) + 8;
/** Longest stored value: 256 MiB, its header of 9 bytes and an encryption envelope of 34. */
export const MAX_VALUE_LENGTH: number = (256 << 20) + 9 + 34;
/** Bytes of the CRC32C behind a payload. */
export const FOOTER_LENGTH = 4;

/**
 * Bytes that are read at once: two chunks of objects and what stands around them, so that the third one,
 * which is cut, is not copied with every read.
 */
export const BUFFER_LENGTH: number = (2 << 20) + (64 << 10);
/** Two lengths, and nothing in between. */
const MIN_ENTRY_LENGTH = 16;

/** What a {@link FrameReader} reads. */
export interface FrameRange {
  /** The stream. */
  stream: Source;
  /** Name for messages. */
  file: string;
  /** Offset of the first entry. */
  start: number;
  /** Offset behind the last byte. */
  end: number;
  /** Number of the input, copied into every batch. */
  input: number;
  /** Whether four bytes behind the last entry are a footer rather than a cut entry. */
  footer: boolean;
  /** Sees every byte of the range once and in order, as it is read. */
  onBytes?: (bytes: Uint8Array) => void;
  /** Bytes to read at once; {@link BUFFER_LENGTH} unless given. */
  buffer?: number;
  /** A stored key: entries from it on are not wanted, and one that is long is not read for it. */
  behind?: Uint8Array;
}

/** Reads the entries of a range, in batches that share one buffer. */
export class FrameReader implements EntryStream, EntryBatch {
  bytes: Uint8Array;
  count = 0;
  readonly ranges: Uint32Array;
  readonly positions: Float64Array;
  readonly inputs: Uint16Array;

  /** Offset in the stream behind the last entry that was handed out. */
  position: number;
  readonly #range: FrameRange;
  readonly #capacity: number;
  readonly #bufferLength: number;
  /** Bytes of the buffer that hold data: the stream from `position − #at` on. */
  #filled = 0;
  #at = 0;
  /** Entries below this stored key are not wanted. */
  #from: Uint8Array | undefined;

  constructor(range: FrameRange) {
    this.#range = range;
    this.position = range.start;
    const length = Math.max(MIN_ENTRY_LENGTH, range.end - range.start);
    this.#bufferLength = Math.min(range.buffer ?? BUFFER_LENGTH, length);
    this.#capacity = Math.min(BATCH_ENTRIES, Math.ceil(this.#bufferLength / MIN_ENTRY_LENGTH));
    this.bytes = new Uint8Array(this.#bufferLength);
    this.ranges = new Uint32Array(this.#capacity * 4);
    this.positions = new Float64Array(this.#capacity);
    this.inputs = new Uint16Array(this.#capacity).fill(range.input);
  }

  /** Bytes between the last entry and the end of the range: 0, or 4 for a footer. */
  get left(): number {
    return this.#range.end - this.position;
  }

  /**
   * The next batch, or `undefined` when the range is used up.
   *
   * @throws {UnsoundError} `truncated` or `too-large`, with the offset of the entry. `position` is
   *   then that offset, and everything before it has been handed out.
   */
  next(): MaybePromise<EntryBatch | undefined> {
    if (this.#parse()) return this;
    if (this.#done()) return undefined;
    if (this.#leap()) return this.next();
    const read = this.#fill();
    return isPromise(read) ? read.then(() => this.next()) : this.next();
  }

  /** Goes on at the entry at an offset, if that is not behind the last one that was handed out. */
  moveTo(position: number): void {
    const distance = Math.min(position, this.#range.end) - this.position;
    if (distance <= 0) return;
    this.position += distance;
    this.#at = Math.min(this.#filled, this.#at + distance);
    if (this.#at === this.#filled) this.#at = this.#filled = 0;
  }

  skip(below: Uint8Array): void {
    this.#from = below;
  }

  #done(): boolean {
    const { end, footer } = this.#range;
    return this.position === end || (footer && end - this.position === FOOTER_LENGTH) ||
      this.#isBehind();
  }

  /** Whether the entry that is cut by the end of the buffer is surely not wanted. */
  #isBehind(): boolean {
    const { behind } = this.#range;
    const keyStart = this.#at + 8;
    if (!behind || keyStart > this.#filled) return false;
    const keyEnd = keyStart + u32le(this.bytes, this.#at);
    if (u32le(this.bytes, this.#at + 4) !== 0 || keyEnd > this.#filled) return false;
    return compareBytes(this.bytes.subarray(keyStart, keyEnd), behind) >= 0;
  }

  /** Leaves out the entry that is cut by the end of the buffer, if it is not wanted. */
  #leap(): boolean {
    const from = this.#from;
    const keyStart = this.#at + 8;
    if (!from || keyStart > this.#filled) return false;
    const keyLength = u32le(this.bytes, this.#at);
    const keyEnd = keyStart + keyLength;
    if (keyEnd + 8 > this.#filled) return false;
    if (compareBytes(this.bytes.subarray(keyStart, keyEnd), from) >= 0) return false;
    this.moveTo(this.position + this.#need(this.#filled - this.#at));
    return true;
  }

  /** Parses what lies whole in the buffer. Returns whether that was at least one entry. */
  #parse(): boolean {
    const { bytes, ranges, positions } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const base = this.position - this.#at;
    const filled = this.#filled;
    let at = this.#at;
    let count = 0;
    while (count < this.#capacity) {
      const keyStart = at + 8;
      if (keyStart > filled) break;
      const keyLength = view.getUint32(at, true);
      if (keyLength > MAX_KEY_LENGTH || view.getUint32(at + 4, true) !== 0) break;
      const keyEnd = keyStart + keyLength;
      const valueStart = keyEnd + 8;
      if (valueStart > filled) break;
      const valueLength = view.getUint32(keyEnd, true);
      if (valueLength > MAX_VALUE_LENGTH || view.getUint32(keyEnd + 4, true) !== 0) break;
      const valueEnd = valueStart + valueLength;
      if (valueEnd > filled) break;
      const r = count * 4;
      ranges[r] = keyStart;
      ranges[r + 1] = keyEnd;
      ranges[r + 2] = valueStart;
      ranges[r + 3] = valueEnd;
      positions[count++] = base + at;
      at = valueEnd;
    }
    this.#at = at;
    this.position = base + at;
    this.count = count;
    return count > 0;
  }

  /** Moves the cut entry to the front, makes room for all of it and reads on. */
  #fill(): MaybePromise<void> {
    const { stream, end, onBytes } = this.#range;
    const kept = this.#filled - this.#at;
    const target = Math.max(this.#bufferLength, this.#need(kept));
    if (target === this.bytes.length) this.bytes.copyWithin(0, this.#at, this.#filled);
    else {
      const { bytes } = this;
      this.bytes = new Uint8Array(target);
      this.bytes.set(bytes.subarray(this.#at, this.#filled));
      free(bytes);
    }
    const offset = this.position + kept;
    const wanted = Math.min(target - kept, end - offset);
    const read = wanted === 0 ? 0 : stream.read(offset, this.bytes.subarray(kept, kept + wanted));
    this.#at = 0;
    this.#filled = kept;
    return isPromise(read)
      ? read.then((n) => this.#took(n, wanted, kept, onBytes))
      : this.#took(read, wanted, kept, onBytes);
  }

  #took(
    read: number,
    wanted: number,
    kept: number,
    onBytes?: (bytes: Uint8Array) => void,
  ): void {
    onBytes?.(this.bytes.subarray(kept, kept + read));
    this.#filled = kept + read;
    if (read < wanted || read === 0) throw this.#truncated();
  }

  /** Bytes of the entry at `#at`, as far as its lengths can be seen. Checks both. */
  #need(kept: number): number {
    if (kept < 8) return 8;
    const keyLength = this.#length(this.#at, "key", MAX_KEY_LENGTH);
    if (kept < 16 + keyLength) return this.#within(16 + keyLength);
    const valueLength = this.#length(this.#at + 8 + keyLength, "value", MAX_VALUE_LENGTH);
    return this.#within(16 + keyLength + valueLength);
  }

  #length(at: number, what: string, limit: number): number {
    const low = u32le(this.bytes, at);
    const high = u32le(this.bytes, at + 4);
    if (high === 0 && low <= limit) return low;
    const length = (BigInt(high) << 32n) | BigInt(low);
    throw new UnsoundError("too-large", `${what} length ${length} is above ${limit}`, {
      file: this.#range.file,
      offset: this.position,
      hint: "the file is damaged from here on: copy it again, or take another replica's",
    });
  }

  /** An entry that reaches beyond the end is refused before anything is allocated for it. */
  #within(length: number): number {
    if (this.position + length > this.#range.end) throw this.#truncated();
    return length;
  }

  #truncated(): UnsoundError {
    return new UnsoundError("truncated", "the file ends in the middle of an entry", {
      file: this.#range.file,
      offset: this.position,
      hint: "copy the file again, or take another replica's",
    });
  }
}
