/**
 * The kernels in WebAssembly. What a kernel looks at is copied into memory of its own, worked on in one
 * call, and what comes out stays there until the next one.
 *
 * Memory can grow and never shrinks: each kernel takes as much as it ever needs when it is first called,
 * and rows that do not fit are left to the adapter.
 *
 * @module
 */

import type { ItemForm, TranscodedItems } from "./js/items.ts";
import type { MessageForm, TranscodedMessages } from "./js/messages.ts";
import type { Rows } from "./js/rows.ts";
import { type DigestExports, WasmDigests } from "./wasm_digests.ts";
import { type ItemExports, WasmItems } from "./wasm_items.ts";
import type { TextForm, WrittenTexts } from "./js/texts.ts";
import { type MessageExports, WasmMessages } from "./wasm_messages.ts";
import { type TextExports, WasmTexts } from "./wasm_texts.ts";
import { WASM_MODULE } from "./wasm_module.ts";

/** The kernels of some module instances. */
export class WasmKernels {
  /** Which kernels these are. */
  readonly name = "wasm";
  readonly #items: WasmItems;
  readonly #messages: WasmMessages;
  readonly #texts: WasmTexts;
  readonly #digests: WasmDigests;

  /**
   * Compiles the module. Rejects where a page's rules forbid WebAssembly, or where there are no vector
   * instructions.
   */
  static async load(): Promise<WasmKernels> {
    const module = await WebAssembly.compile(
      Uint8Array.from(atob(WASM_MODULE), (c) => c.charCodeAt(0)),
    );
    // Made here: the page of a browser may refuse to make an instance while something waits for it.
    const instance = async <Exports>(): Promise<Exports> =>
      (await WebAssembly.instantiate(module)).exports as unknown as Exports;
    return new WasmKernels(
      new WasmItems(await instance<ItemExports>()),
      new WasmMessages(await instance<MessageExports>()),
      new WasmTexts(await instance<TextExports>()),
      new WasmDigests(await instance<DigestExports>()),
    );
  }

  private constructor(
    items: WasmItems,
    messages: WasmMessages,
    texts: WasmTexts,
    digests: WasmDigests,
  ) {
    this.#items = items;
    this.#messages = messages;
    this.#texts = texts;
    this.#digests = digests;
  }

  /** As `transcodeItems` in js/items.ts. */
  transcodeItems(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: ItemForm,
  ): TranscodedItems {
    return this.#items.transcode(rows, places, first, form);
  }

  /** What js/messages.ts tells. */
  transcodeMessages(
    rows: Rows,
    places: ArrayLike<number>,
    first: number,
    form: MessageForm,
  ): TranscodedMessages {
    return this.#messages.transcode(rows, places, first, form);
  }

  /** As `writeTexts` in js/texts.ts. */
  writeTexts(rows: Rows, first: number, form: TextForm): WrittenTexts {
    return this.#texts.write(rows, first, form);
  }

  /** As `digestValues` in js/digests.ts. */
  digestValues(rows: Rows): Uint8Array {
    return this.#digests.digest(rows);
  }
}
