/**
 * Writes protocol buffers in one go, front to back. How long a message is stands before it and is known
 * behind it: room for five bytes is left, and what is short is moved there.
 *
 * @module
 */

import { ByteBuilder } from "./builder.ts";
import { Wire } from "./protobuf.ts";

/** A length below 2^35 in as many digits as there is room for: a reader takes more than are needed. */
const ROOM = 5;
/** Contents up to so many bytes are moved, so that they take no more room than they need. */
const MOVED = 16 << 10;

/** Appends fields to a buffer. Messages are begun and ended like brackets. */
export class MessageBuilder {
  /** The buffer. */
  readonly out: ByteBuilder;
  /** Where the contents of the messages that are open begin. */
  readonly #open: number[] = [];

  /** Appends to what `out` holds already. */
  constructor(out: ByteBuilder = new ByteBuilder()) {
    this.out = out;
  }

  /** A field of bytes or text, whose number is below 16. */
  bytes(field: number, source: Uint8Array, start = 0, end: number = source.length): this {
    this.out.byte((field << 3) | Wire.BYTES);
    this.#length(end - start);
    this.out.append(source, start, end);
    return this;
  }

  /** A field of a number below 128. */
  number(field: number, value: number): this {
    this.out.byte((field << 3) | Wire.VARINT).byte(value);
    return this;
  }

  /** A field of a number below 2^64. */
  integer(field: number, value: bigint): this {
    this.out.byte((field << 3) | Wire.VARINT);
    for (; value > 0x7fn; value >>= 7n) this.out.byte(Number(value & 0x7fn) | 0x80);
    this.out.byte(Number(value));
    return this;
  }

  /** Begins a field that is a message. */
  begin(field: number): this {
    this.out.byte((field << 3) | Wire.BYTES).reserve(ROOM);
    this.out.length += ROOM;
    this.#open.push(this.out.length);
    return this;
  }

  /** Ends the message that was begun last. */
  end(): this {
    const { out } = this;
    const start = this.#open.pop()!;
    const end = out.length;
    out.length = start - ROOM;
    if (end - start > MOVED) {
      for (let i = 1, rest = end - start; i <= ROOM; i++, rest = Math.floor(rest / 128)) {
        out.byte((rest & 0x7f) | (i < ROOM ? 0x80 : 0));
      }
      out.length = end;
    } else {
      this.#length(end - start);
      out.bytes.copyWithin(out.length, start, end);
      out.length += end - start;
    }
    return this;
  }

  #length(length: number): void {
    for (; length > 0x7f; length = Math.floor(length / 128)) this.out.byte((length & 0x7f) | 0x80);
    this.out.byte(length);
  }
}
