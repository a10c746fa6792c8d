/**
 * The wire format of protocol buffers, as far as it must be read by hand: where a hot path cannot
 * afford objects. Strict where the format is: a defect makes the whole message unreadable.
 *
 * @module
 */

/** Wire types. */
export const Wire = {
  VARINT: 0,
  FIXED64: 1,
  BYTES: 2,
  START_GROUP: 3,
  END_GROUP: 4,
  FIXED32: 5,
} as const;

/** Groups in groups that are skipped; deeper is refused. */
const MAX_GROUPS = 100;

/**
 * Walks the fields of one message. After {@link next} has returned `true`, `field` and `wire` say what
 * it is, and for {@link Wire.BYTES} the contents are `bytes[start, end)`; for {@link Wire.VARINT},
 * `low` and `high` are the value.
 */
export class ProtobufReader {
  field = 0;
  wire = 0;
  /** Contents of a length-delimited or fixed field. */
  start = 0;
  end = 0;
  /** Lower and upper half of a varint. */
  low = 0;
  high = 0;
  /** Whether the message is malformed; nothing more is read then. */
  malformed = false;
  #at = 0;
  #to = 0;
  bytes: Uint8Array = new Uint8Array(0);

  /** Begins with `bytes[from, to)`. */
  reset(bytes: Uint8Array, from: number, to: number): this {
    this.bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.malformed = false;
    return this;
  }

  /** Offset of the field that comes next. */
  get at(): number {
    return this.#at;
  }

  /** Goes to the next field; `false` at the end, or when the message is malformed. */
  next(): boolean {
    if (this.#at >= this.#to || this.malformed) return false;
    this.#header();
    if (!this.malformed) this.#skip(0);
    return !this.malformed;
  }

  #header(): void {
    this.#varint();
    this.wire = this.low & 7;
    this.field = (this.low >>> 3) + (this.high & 7) * 0x2000_0000;
    // A field number has 29 bits; the tag that holds it has 32.
    if (this.high !== 0 || this.field === 0) this.malformed = true;
  }

  #skip(depth: number): void {
    switch (this.wire) {
      case Wire.VARINT:
        this.#varint();
        return;
      case Wire.FIXED64:
        this.#take(8);
        return;
      case Wire.FIXED32:
        this.#take(4);
        return;
      case Wire.BYTES:
        this.#varint();
        if (this.high !== 0) this.malformed = true;
        else this.#take(this.low);
        return;
      case Wire.START_GROUP:
        this.#skipGroup(depth);
        return;
      default:
        this.malformed = true;
    }
  }

  #skipGroup(depth: number): void {
    const field = this.field;
    if (depth === MAX_GROUPS) this.malformed = true;
    while (!this.malformed) {
      if (this.#at >= this.#to) this.malformed = true;
      else {
        this.#header();
        if (this.wire === Wire.END_GROUP) {
          if (this.field !== field) this.malformed = true;
          this.wire = Wire.START_GROUP;
          return;
        }
        if (!this.malformed) this.#skip(depth + 1);
      }
    }
  }

  #take(length: number): void {
    this.start = this.#at;
    this.end = this.#at + length;
    if (this.end > this.#to) this.malformed = true;
    this.#at = this.end;
  }

  /** At most ten bytes, of which the last has one bit; longer than needed is allowed. */
  #varint(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#to) break;
      const b = bytes[this.#at++];
      if (shift < 28) low |= (b & 0x7f) << shift;
      else if (shift === 28) {
        low |= (b & 0x0f) << 28;
        high |= (b & 0x7f) >>> 4;
      } else if (shift < 63) high |= (b & 0x7f) << (shift - 32);
      else if (b > 1) break;
      else high |= b << 31;
      if (b < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.malformed = true;
  }
}
