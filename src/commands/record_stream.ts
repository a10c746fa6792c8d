/**
 * The record lines of an adapter, asked for one after the other: two snapshots can be gone through side by
 * side.
 *
 * @module
 */

import type { AdapterModule, RecordSink } from "../adapters/adapter.ts";
import type { AdapterContext } from "../adapters/context.ts";
import type { RecordSelection } from "../adapters/wanted_rows.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { startsWith } from "../bytes/compare.ts";
import { type Digest, sha256, sha256Of } from "../bytes/digest.ts";
import { AbortedError } from "../errors.ts";
import { encodeUtf8 } from "../text/utf8.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const VALUE = encodeUtf8(`,"value":`);
/** How the lines of a collection end but for the last one. */
const UNFINISHED = encodeUtf8(`"last":false}`);

/** A record; valid until the next one is asked for. */
export interface LineRecord {
  /** What its lines begin with up to the value: adapter, scope, type and key, without a closing brace. */
  readonly identity: Uint8Array;
  /** Its line, or the beginning of it if it is long; without the line feed. */
  readonly text: Uint8Array;
  /** Whether `text` is all of it. */
  readonly isWhole: boolean;
  /** Bytes of its lines. */
  readonly length: number;
  /** The SHA-256 of its lines. */
  digest(): Uint8Array;
}

/** Goes through the records of an adapter as they are asked for. */
export class RecordStream {
  readonly #lines = new LineQueue();
  readonly #kept: number;
  readonly #text = new ByteBuilder();
  readonly #writing: Promise<void>;
  #error: unknown;

  /** @param kept Bytes of a line that are kept, if it is longer. */
  constructor(
    adapter: AdapterModule,
    context: AdapterContext,
    selection: RecordSelection,
    kept: number,
  ) {
    this.#kept = kept;
    this.#writing = adapter.writeRecords(context, selection, this.#lines).then(
      () => this.#lines.end(),
      (error) => {
        this.#error = error;
        this.#lines.end();
      },
    );
  }

  /** The next record, or `undefined` at the end. */
  async next(): Promise<LineRecord | undefined> {
    const text = this.#text.clear();
    const identity = new IdentityEnd(text);
    const tail = new Tail();
    let digest: Digest | undefined;
    let length = 0;
    for (;;) {
      const piece = await this.#lines.next();
      if (!piece) {
        if (this.#error !== undefined) throw this.#error;
        if (length > 0) throw new Error("a record line has no end");
        return undefined;
      }
      const isEnd = piece.at(-1) === LINE_FEED;
      const bytes = isEnd ? piece.subarray(0, -1) : piece;
      tail.add(bytes);
      const isMore = isEnd && tail.is(UNFINISHED);
      // What is not kept has to be digested as it goes by.
      if (!digest && (length + bytes.length > this.#kept || isMore)) {
        digest = sha256();
        digest.update(text.view());
      }
      digest?.update(bytes);
      if (length === text.length && (identity.at < 0 || text.length < this.#kept)) {
        text.append(bytes);
        identity.find();
      }
      length += bytes.length;
      if (!isEnd || isMore) continue;
      const at = identity.at < 0 ? text.length - 1 : identity.at;
      const view = text.view();
      // A digest can be asked for its sum only once.
      let sum = digest?.digest();
      return {
        identity: view.subarray(0, at),
        text: view,
        isWhole: sum === undefined,
        length,
        digest: () => sum ??= sha256Of(view),
      };
    }
  }

  /** Ends it, wherever it is. */
  async close(): Promise<void> {
    this.#lines.stop();
    await this.#writing;
  }
}

/** Finds where the value of a line begins that is not there as a whole yet. */
class IdentityEnd {
  /** Behind the key; −1 = not found so far. */
  at = -1;
  readonly #text: ByteBuilder;
  #seen = 0;
  #isInString = false;
  #depth = 0;

  constructor(text: ByteBuilder) {
    this.#text = text;
  }

  find(): void {
    const { bytes, length } = this.#text;
    for (; this.at < 0 && this.#seen < length; this.#seen++) {
      const b = bytes[this.#seen];
      if (this.#isInString) {
        if (b === BACKSLASH) this.#seen++;
        else if (b === QUOTE) this.#isInString = false;
      } else if (b === QUOTE) this.#isInString = true;
      else if (b === OPEN) this.#depth++;
      else if (b === CLOSE) this.#depth--;
      else if (b === COMMA && this.#depth === 1) {
        if (length - this.#seen < VALUE.length) return;
        if (startsWith(bytes, VALUE, this.#seen, length)) this.at = this.#seen;
      }
    }
  }
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;

/** The last bytes of a line. */
class Tail {
  #bytes: Uint8Array = new Uint8Array(0);

  add(bytes: Uint8Array): void {
    if (bytes.length >= UNFINISHED.length) this.#bytes = bytes.subarray(-UNFINISHED.length);
    else {
      const joined = new Uint8Array(this.#bytes.length + bytes.length);
      joined.set(this.#bytes);
      joined.set(bytes, this.#bytes.length);
      this.#bytes = joined.subarray(-UNFINISHED.length);
    }
    this.#bytes = this.#bytes.slice();
  }

  is(end: Uint8Array): boolean {
    return this.#bytes.length === end.length && startsWith(this.#bytes, end);
  }
}

/** Lines that wait until they are asked for: whoever writes them waits as long. */
class LineQueue implements RecordSink {
  #lines: Uint8Array | undefined;
  #at = 0;
  #isOver = false;
  #isStopped = false;
  #wake: () => void = () => {};
  #drained: () => void = () => {};

  write(lines: Uint8Array): Promise<void> | void {
    if (this.#isStopped) throw new AbortedError();
    if (lines.length === 0) return;
    this.#lines = lines;
    this.#at = 0;
    this.#wake();
    return new Promise((resolve, reject) => {
      this.#drained = () => this.#isStopped ? reject(new AbortedError()) : resolve();
    });
  }

  /** A line with its end, or the next piece of one that has no end yet. */
  async next(): Promise<Uint8Array | undefined> {
    while (!this.#lines || this.#at === this.#lines.length) {
      if (this.#isOver) return undefined;
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      if (this.#lines) {
        this.#lines = undefined;
        this.#drained();
      }
      await woken;
    }
    const end = this.#lines.indexOf(LINE_FEED, this.#at) + 1 || this.#lines.length;
    return this.#lines.subarray(this.#at, this.#at = end);
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#drained();
  }
}
