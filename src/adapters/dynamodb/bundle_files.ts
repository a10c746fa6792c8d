/**
 * Files of many items, `items/data-00001.jsonl` and so on, one line an item: `{"Item":{…}}`, which is
 * what DynamoDB exports and imports as DYNAMODB_JSON.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { lengthOf, pour } from "../../tree/pieces.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import type { ItemNotes } from "./checked_items.ts";
import { ItemText } from "./item_json.ts";
import type { ItemRows } from "./item_rows.ts";
import type { ParsedItem } from "./item_values.ts";
import { OrderedItems } from "./ordered_items.ts";
import type { Table } from "./tables.ts";

/** Default size of a file: 64 MiB. */
export const BUNDLE_SIZE: number = 64 << 20;

const BLOCK = 1 << 20;
const LINE_START = new TextEncoder().encode('{"Item":');

/** The bundle files of one table. */
export class BundleFiles {
  readonly #output: TreeOutput;
  readonly #folder: string;
  readonly #limit: number;
  readonly #items: OrderedItems;
  readonly #text = new ItemText();
  readonly #line = new ByteBuilder(1 << 12);
  readonly #block = new ByteBuilder(BLOCK);
  #file: SinkFile | undefined;
  #part = 0;
  #size = 0;

  /** @param folder Path of the folder of items, with its `/`. */
  constructor(
    context: AdapterContext,
    output: TreeOutput,
    table: Table,
    folder: string,
    notes: ItemNotes,
  ) {
    this.#output = output;
    this.#folder = folder;
    this.#limit = context.options.dynamodbBundleSize ?? BUNDLE_SIZE;
    this.#items = new OrderedItems(context, table, notes, (item) => this.#write(item));
  }

  /** Writes the items of a run of rows, and gives each row its fate. */
  add(run: ItemRows): Promise<void> {
    return this.#items.add(run);
  }

  /** Ends the last file. */
  async close(): Promise<void> {
    await this.#items.close();
    await this.#closeFile();
  }

  #write(item: ParsedItem): MaybePromise<void> {
    const line = this.#line.clear();
    const pieces = this.#lineOf(item);
    if (!pieces.next().done) return this.#writeLong(item, pieces);
    if (!this.#fits(line.length)) return this.#nextFile().then(() => this.#append());
    return this.#append();
  }

  *#lineOf(item: ParsedItem): Pieces {
    this.#line.append(LINE_START);
    yield* this.#text.write(new JsonWriter(this.#line, { indent: false, html: false }), item);
    this.#line.byte(0x7d).byte(0x0a);
  }

  /** Writes an item in pieces. How long its line is must be known before: so it is made twice. */
  async #writeLong(item: ParsedItem, begun: Pieces): Promise<void> {
    const line = this.#line;
    const first = line.length;
    line.clear();
    const length = first + lengthOf(begun, line);
    if (!this.#fits(length)) await this.#nextFile();
    this.#size += length;
    await this.#flush();
    const write = (bytes: Uint8Array): MaybePromise<void> => this.#file!.write(bytes);
    await pour(this.#lineOf(item), line, write);
    await write(line.view());
  }

  /** Whether a line fits in the file at hand. */
  #fits(length: number): boolean {
    return this.#file !== undefined && this.#size + length <= this.#limit;
  }

  /** Adds the line to the block. */
  #append(): MaybePromise<void> {
    const line = this.#line;
    this.#size += line.length;
    const flushed = this.#block.length + line.length > BLOCK ? this.#flush() : undefined;
    const append = (): void => void this.#block.append(line.bytes, 0, line.length);
    return isPromise(flushed) ? flushed.then(append) : append();
  }

  #flush(): MaybePromise<void> {
    const written = this.#file!.write(this.#block.view());
    if (isPromise(written)) return written.then(() => void this.#block.clear());
    this.#block.clear();
  }

  async #nextFile(): Promise<void> {
    await this.#closeFile();
    const number = String(++this.#part).padStart(5, "0");
    this.#file = await this.#output.createNew(`${this.#folder}data-${number}.jsonl`);
    this.#size = 0;
  }

  async #closeFile(): Promise<void> {
    if (!this.#file) return;
    await this.#flush();
    await this.#file.close();
  }
}
