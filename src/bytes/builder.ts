/** A growing byte buffer. @module */

const encoder = new TextEncoder();

/** Up to this many bytes are copied faster here than by a view and a call. */
const SHORT = 48;

/** Appends bytes; the buffer doubles when it is full, so appending is cheap on average. */
export class ByteBuilder {
  /** The buffer; only `[0, length)` is meaningful. Changes identity when it grows. */
  bytes: Uint8Array;
  /** Bytes written so far. */
  length = 0;

  /** @param capacity Bytes to start with. */
  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `n` more bytes, so that `bytes` can be written to directly. */
  reserve(n: number): void {
    const need = this.length + n;
    if (need <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(need, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends one byte. */
  byte(b: number): this {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = b;
    return this;
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start = 0, end: number = source.length): this {
    const n = end - start;
    if (this.length + n > this.bytes.length) this.reserve(n);
    const { bytes, length } = this;
    if (n > SHORT) bytes.set(source.subarray(start, end), length);
    else for (let i = 0; i < n; i++) bytes[length + i] = source[start + i];
    this.length = length + n;
    return this;
  }

  /** Appends a string as UTF-8. Lone surrogates become U+FFFD. */
  text(s: string): this {
    this.reserve(s.length * 3);
    this.length += encoder.encodeInto(s, this.bytes.subarray(this.length)).written;
    return this;
  }

  /** Appends a string of which every character is below U+0080. */
  ascii(s: string): this {
    this.reserve(s.length);
    for (let i = 0; i < s.length; i++) this.bytes[this.length++] = s.charCodeAt(i);
    return this;
  }

  /** What was written, as a view into the buffer: valid until the next append. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, as a copy of its own. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): this {
    this.length = 0;
    return this;
  }
}
