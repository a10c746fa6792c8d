/**
 * Files of many items, `items/data-00001.jsonl` and so on, one line an item: `{"Item":{…}}`, which is
 * what DynamoDB exports and imports as DYNAMODB_JSON.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { TreeOutput } from "../../tree/output.ts";
import { pour } from "../../tree/pieces.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import { ItemLines } from "./item_lines.ts";
import type { ItemsRecord } from "./records.ts";
import type { Table } from "./scopes.ts";
import type { ItemText, LongText } from "./values.ts";

/** Default size of a file: 64 MiB. */
export const BUNDLE_SIZE: number = 64 << 20;

const BLOCK = 1 << 20;
const LINE_FEED = 0x0a;
const FORM = {
  plain: false,
  indent: false,
  html: false,
  before: encodeUtf8('{"Item":'),
  behind: encodeUtf8("}\n"),
} as const;

/** The bundle files of one table. */
export class BundleFiles {
  readonly #output: TreeOutput;
  readonly #folder: string;
  readonly #limit: number;
  readonly #lines: ItemLines;
  readonly #block = new ByteBuilder(BLOCK);
  #file: SinkFile | undefined;
  #part = 0;
  #size = 0;

  /** @param folder Path of the folder of items, with its `/`. */
  constructor(context: AdapterContext, output: TreeOutput, table: Table, folder: string) {
    this.#output = output;
    this.#folder = folder;
    this.#limit = context.options.dynamodbBundleSize ?? BUNDLE_SIZE;
    this.#lines = new ItemLines(
      context,
      table,
      { ...table.keyNames, ...FORM },
      (lines) => this.#write(lines),
    );
  }

  /** Takes items over. */
  add(record: ItemsRecord): MaybePromise<void> {
    return this.#lines.add(record);
  }

  /** Ends the last file. */
  async close(): Promise<void> {
    await this.#lines.close();
    await this.#closeFile();
  }

  #write(lines: ItemText): MaybePromise<void> {
    if (!(lines instanceof Uint8Array)) return this.#writeLong(lines);
    if (this.#fits(lines.length)) return this.#append(lines);
    return this.#writeSome(lines);
  }

  /** Writes lines of which not all fit in the file at hand. */
  async #writeSome(lines: Uint8Array): Promise<void> {
    for (let start = 0, end = 0; start < lines.length; start = end) {
      do {
        const next = lines.indexOf(LINE_FEED, end) + 1;
        if (!this.#fits(next - start)) {
          if (end > start) break;
          await this.#nextFile();
        }
        end = next;
      } while (end < lines.length);
      await this.#append(lines.subarray(start, end));
    }
  }

  /** Writes a line in pieces. */
  async #writeLong({ length, write }: LongText): Promise<void> {
    if (!this.#fits(length)) await this.#nextFile();
    this.#size += length;
    await this.#flush();
    await pour(write(this.#block), this.#block, (bytes) => this.#file!.write(bytes));
  }

  /** Whether so many bytes fit in the file at hand. */
  #fits(length: number): boolean {
    return this.#file !== undefined && this.#size + length <= this.#limit;
  }

  /** Adds lines to the block. */
  #append(lines: Uint8Array): MaybePromise<void> {
    this.#size += lines.length;
    const flushed = this.#block.length + lines.length > BLOCK ? this.#flush() : undefined;
    const append = (): void => void this.#block.append(lines);
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
