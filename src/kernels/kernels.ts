/**
 * Kernels are the loops that see every byte of the hot values. They are in WebAssembly (`asm/`), to be
 * fast; beside each there is plain TypeScript that gives the same bytes, to be read, to be compared with,
 * and to be used where there is no WebAssembly. Of items that is in `js/`, of messages it is the adapter.
 *
 * Kernels work on batches, synchronously. What they return is valid until the same kernel is called
 * again: it is a view of the kernel's memory.
 *
 * @module
 */

import { digestValues } from "./js/digests.ts";
import { type ItemForm, type TranscodedItems, transcodeItems } from "./js/items.ts";
import { type MessageForm, type TranscodedMessages, transcodeMessages } from "./js/messages.ts";
import type { Rows } from "./js/rows.ts";
import { type TextForm, writeTexts, type WrittenTexts } from "./js/texts.ts";
import { WasmKernels } from "./wasm.ts";

export * from "./codes.ts";
export type {
  ItemForm,
  MessageForm,
  Rows,
  TextForm,
  TranscodedItems,
  TranscodedMessages,
  WrittenTexts,
};

/** One implementation of all kernels. Not to be shared between threads; cheap to load in each. */
export interface Kernels {
  /** WebAssembly or plain TypeScript. */
  readonly name: "wasm" | "js";

  /**
   * Writes DynamoDB items as JSON: files, lines and file names are made of the values in one go. What is
   * written has been checked: it is UTF-8, names ascend, the key attributes are there, and a server can
   * read it. Every other row is `ITEM_LEFT`, for the adapter to judge: legacy JSON, messages that no
   * server wrote, malformed ones, those without a usable key, very long ones.
   *
   * `places` are the rows of a batch that are wanted, all of one table; the kernel begins with that at
   * index `first`. It does as many as fit in its output, at least one; row `places[first + i]` has the
   * columns from `i * ITEM_COLUMNS` on, and its text lies behind those before it.
   *
   * @example
   * ```ts ignore
   * for (let done = 0; done < places.length;) {
   *   const { count, bytes, table, names } = kernels.transcodeItems(batch, places, done, form);
   *   for (let i = 0; i < count; i++) {
   *     const t = i * ITEM_COLUMNS;
   *     if (table[t] === ITEM_LEFT) leave(places[done + i]);
   *     else write(names.slice(table[t + 10], table[t + 11]), bytes.subarray(table[t + 1], table[t + 2]));
   *   }
   *   done += count;
   * }
   * ```
   */
  transcodeItems(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: ItemForm,
  ): TranscodedItems;

  /**
   * Writes SQS messages as documents, and what they are sorted by, in the same way: `places` are rows of
   * one queue, generation and partition. What is written has been checked, against its key as well.
   * `MESSAGE_LEFT` are those that are spelled otherwise than servers spell them, with escapes in a text
   * for instance, malformed ones, and those with a long value. Plain TypeScript leaves all.
   */
  transcodeMessages(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: MessageForm,
  ): TranscodedMessages;

  /**
   * Writes texts of rows as JSON strings, or in base64 where they are not UTF-8, with what stands around
   * them. It begins with row `first` and does as many as fit in its output, up to one that is longer than
   * `TEXTS_ROW_LIMIT`, or whose offsets do not ascend: maybe none. All that stands around the texts of a row
   * has at most `TEXTS_FRAME_LIMIT` bytes, and a row at most two texts.
   *
   * @example
   * ```ts ignore
   * for (let done = 0; done < rows.count;) {
   *   const { count, bytes } = kernels.writeTexts(rows, done, form);
   *   if (count === 0) writeLong(done++);
   *   else out.append(bytes);
   *   done += count;
   * }
   * ```
   */
  writeTexts(rows: Rows, first: number, form: TextForm): WrittenTexts;

  /** The SHA-256 of the value of each row, 32 bytes each, one behind the other. */
  digestValues(rows: Rows): Uint8Array;
}

/** The kernels in plain TypeScript. */
const JS_KERNELS: Kernels = {
  name: "js",
  digestValues,
  transcodeItems,
  transcodeMessages,
  writeTexts,
};

/**
 * Loads the kernels: WebAssembly, or TypeScript where the platform or a page's rules do not let
 * WebAssembly run. Rejects only when "wasm" is asked for by name and cannot be had.
 *
 * @example
 * ```ts
 * const { name } = await loadKernels();
 * name; // "wasm"
 * ```
 */
export async function loadKernels(kind?: Kernels["name"]): Promise<Kernels> {
  if (kind === "js") return JS_KERNELS;
  try {
    return await WasmKernels.load();
  } catch (error) {
    if (kind === "wasm") throw error;
    return JS_KERNELS;
  }
}
