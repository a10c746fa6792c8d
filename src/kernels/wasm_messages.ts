/**
 * The kernel of SQS messages. Its memory has one size for all calls, some 2 MiB.
 *
 * @module
 */

import {
  MESSAGE_COLUMNS,
  MESSAGE_ID_LIMIT,
  MESSAGE_INPUT_LIMIT,
  MESSAGE_LEFT,
  MESSAGES_OUTPUT_LIMIT,
} from "./codes.ts";
import type { Rows } from "./js/rows.ts";
import {
  documentEnd,
  MESSAGE_MEMBERS,
  type MessageForm,
  type TranscodedMessages,
} from "./js/messages.ts";
import { layOut, u32s, type WasmMemory } from "./wasm_memory.ts";

/** What asm/index.ts exports for messages. All numbers are u32: addresses, indexes and counts. */
export interface MessageExports extends WasmMemory {
  /** See asm/messages.ts. */
  transcodeMessages(
    bytes: number,
    ranges: number,
    count: number,
    idAt: number,
    members: number,
    memberCount: number,
    frame: number,
    output: number,
    orders: number,
    table: number,
  ): number;
}

/** Rows that are done in one call, and bytes from the first of them to the last. */
const MOST_ROWS = 2048;
const MOST_BYTES = 0x4_0000;
/** A key of a message can be so long that its row is left. */
const LONGEST_KEY = 0x1000;
/** All that stands around values, and what the kernel may touch behind a text. */
const AROUND = 0x1000;
const NOTHING = new Uint8Array(0);

/** Messages in WebAssembly. */
export class WasmMessages {
  readonly #exports: MessageExports;
  #memory: Memory | undefined;
  /** The form whose frame is in memory. */
  #form: MessageForm | undefined;

  /** Takes no memory yet. */
  constructor(exports: MessageExports) {
    this.#exports = exports;
  }

  /** As `transcodeMessages` in js/messages.ts. */
  transcode(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: MessageForm,
  ): TranscodedMessages {
    const memory = this.#memory ??= new Memory(this.#exports);
    if (form !== this.#form) memory.setForm(form);
    this.#form = form;
    const { bytes, ranges } = rows;
    const start = ranges[4 * places[first]];
    const left = places.length - first;
    let end = start;
    let count = 0;
    for (; count < MOST_ROWS && count < left; count++) {
      const r = 4 * places[first + count];
      const isShort = ranges[r + 3] - ranges[r + 2] <= MESSAGE_INPUT_LIMIT;
      const most = count === 0 ? MESSAGE_INPUT_LIMIT + LONGEST_KEY : MOST_BYTES;
      if (!isShort || ranges[r + 3] - start > most) break;
      for (let i = 0; i < 4; i++) memory.ranges[4 * count + i] = ranges[r + i];
      end = ranges[r + 3];
    }
    if (count === 0) return leftOne();
    memory.rows.set(bytes.subarray(start, end));
    count = this.#exports.transcodeMessages(
      memory.rows.byteOffset - start, // offsets count from where `bytes` would begin
      memory.ranges.byteOffset,
      count,
      form.idAt,
      memory.members.byteOffset,
      MESSAGE_MEMBERS.length,
      memory.frame.byteOffset,
      memory.documents.byteOffset,
      memory.orders.byteOffset,
      memory.table.byteOffset,
    );
    const table = memory.table.subarray(0, MESSAGE_COLUMNS * count);
    let documentsEnd = 0;
    let ordersEnd = 0;
    for (let t = table.length - MESSAGE_COLUMNS; t >= 0; t -= MESSAGE_COLUMNS) {
      if (table[t] === MESSAGE_LEFT) continue;
      documentsEnd = table[t + 2];
      ordersEnd = table[t + 4];
      break;
    }
    return {
      count,
      documents: memory.documents.subarray(0, documentsEnd),
      orders: memory.orders.subarray(0, ordersEnd),
      table,
    };
  }
}

/** The parts of memory, and what stands around values. */
class Memory {
  readonly ranges: Uint32Array;
  readonly table: Uint32Array;
  /** See asm/messages.ts. */
  readonly members: Uint32Array;
  readonly names: Uint8Array;
  /** Start and end of the generation's digits, and of what ends a document; addresses. */
  readonly frame: Uint32Array;
  readonly frameTexts: Uint8Array;
  readonly rows: Uint8Array;
  readonly orders: Uint8Array;
  readonly documents: Uint8Array;

  constructor(exports: MessageExports) {
    const parts = layOut(exports, {
      ranges: 16 * MOST_ROWS,
      table: 4 * MESSAGE_COLUMNS * MOST_ROWS,
      members: 16 * MESSAGE_MEMBERS.length,
      names: MESSAGE_MEMBERS.reduce((sum, [beginning]) => sum + beginning.length, 0) + AROUND,
      frame: 16,
      frameTexts: AROUND,
      rows: Math.max(MESSAGE_INPUT_LIMIT + LONGEST_KEY, MOST_BYTES) + AROUND,
      orders: (MESSAGE_ID_LIMIT + 32) * MOST_ROWS,
      documents: MESSAGES_OUTPUT_LIMIT + 6 * MESSAGE_INPUT_LIMIT + AROUND,
    });
    this.ranges = u32s(parts.ranges);
    this.table = u32s(parts.table);
    this.members = u32s(parts.members);
    this.names = parts.names;
    this.frame = u32s(parts.frame);
    this.frameTexts = parts.frameTexts;
    this.rows = parts.rows;
    this.orders = parts.orders;
    this.documents = parts.documents;
  }

  /** Lays down the members of rows, and the texts of a form. */
  setForm(form: MessageForm): void {
    let at = 0;
    for (const [i, [beginning, type, use, hidden]] of MESSAGE_MEMBERS.entries()) {
      this.names.set(beginning, at);
      const name = this.names.byteOffset + at;
      const used = form.preserveVisibility ? use : hidden;
      this.members.set([name, name + beginning.length, type, used], 4 * i);
      at += beginning.length;
    }
    const digits = String(form.generation);
    const { read } = new TextEncoder().encodeInto(digits + documentEnd(form), this.frameTexts);
    const text = this.frameTexts.byteOffset;
    this.frame.set([text, text + digits.length, text + digits.length, text + read]);
  }
}

/** A row that is left to the adapter without having been looked at. */
function leftOne(): TranscodedMessages {
  const table = new Uint32Array(MESSAGE_COLUMNS);
  table[0] = MESSAGE_LEFT;
  return { count: 1, documents: NOTHING, orders: NOTHING, table };
}
