/**
 * Kernels are the loops that see every byte of a snapshot. Each exists twice: in plain TypeScript
 * (`js/`), to be read and to be compared with, and in WebAssembly (`asm/`), to be fast. Both give the
 * same bytes.
 *
 * Kernels work on batches, synchronously. What they return is the caller's own, unless it is said to
 * be valid until the next call of the same kernel only: that is a view of the kernel's memory.
 *
 * @module
 */

import { parseItemKeys, type Rows } from "./js/item_keys.ts";
import { type ItemForm, type TranscodedItems, transcodeItems } from "./js/items.ts";
import { type MessageForm, type TranscodedMessages, transcodeMessages } from "./js/messages.ts";
import { type CanonicalNumbers, canonicalNumbers } from "./js/numbers.ts";
import { WasmKernels } from "./wasm.ts";

export * from "./codes.ts";
export type { CanonicalNumbers, ItemForm, MessageForm, Rows, TranscodedItems, TranscodedMessages };

/** One implementation of all kernels. Not to be shared between threads; cheap to load in each. */
export interface Kernels {
  /** WebAssembly or plain TypeScript. */
  readonly name: "wasm" | "js";

  /**
   * Brings number literals to lowest terms, `1.50` → `3/2`: the form in which file names hold them.
   *
   * `ranges` has two for each literal, offsets in `bytes`: start and end. The texts come out in the
   * same order. The output of one call is bounded: when `count` is less than was asked for, call again
   * with the rest, `ranges.subarray(2 * count)`. At least one literal is done in each call.
   */
  canonicalNumbers(bytes: Uint8Array, ranges: Uint32Array): CanonicalNumbers;

  /**
   * Takes the keys of DynamoDB items apart. The table has `ITEM_KEY_COLUMNS` columns for each row:
   * status (an `ITEM_KEY_…` code), then segmentStart, segmentEnd, generationHigh, generationLow and
   * payloadStart. The starts and ends are offsets in `rows.bytes`. The segment is the table's name in
   * canonical base64url; the payload ends where the key ends. Where the status is not `ITEM_KEY_OK`,
   * the others are 0.
   */
  parseItemKeys(rows: Rows): Uint32Array;

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
}

/** The kernels in plain TypeScript. */
const JS_KERNELS: Kernels = {
  name: "js",
  canonicalNumbers,
  parseItemKeys,
  transcodeItems,
  transcodeMessages,
};

/**
 * Loads the kernels: WebAssembly, or TypeScript where the platform or a page's rules do not let
 * WebAssembly run. Rejects only when "wasm" is asked for by name and cannot be had.
 *
 * @example
 * ```ts
 * const kernels = await loadKernels();
 * const text = new TextEncoder().encode("1.50");
 * const { bytes } = kernels.canonicalNumbers(text, new Uint32Array([0, text.length]));
 * new TextDecoder().decode(bytes); // "3/2"
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
