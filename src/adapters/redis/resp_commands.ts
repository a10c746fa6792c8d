/**
 * Commands in the protocol of Redis: arrays of counted strings.
 *
 * ```text
 * *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n
 * ```
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { RecordSink } from "../adapter.ts";

/** Bytes that are collected before they are handed on, and of a command of several elements. */
const BLOCK = 1 << 20;
/** Elements of one command. */
const BATCH = 512;
/** Longer arguments are handed on from where they lie. */
const LONG = 64 << 10;

/** An argument of a command. */
export type Argument = Uint8Array | string;

/** Writes commands; what they are of may be reused when a call is done. */
export class RespCommands {
  readonly #sink: RecordSink;
  readonly #out = new ByteBuilder(BLOCK);
  /** A command of several elements that is being made: its arguments, and how many they are. */
  readonly #held = new ByteBuilder();
  #arguments = 0;

  /** Into a stream. */
  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** A whole command. */
  command(...args: Argument[]): MaybePromise<void> {
    if (args.some(({ length }) => length > LONG)) return this.#longCommand(args);
    appendCount(this.#out, args.length);
    for (const arg of args) appendArgument(this.#out, arg);
    return this.#flushFull();
  }

  /** Begins a command of so many arguments, each of which is given by {@link argument}. */
  begin(count: number): MaybePromise<void> {
    appendCount(this.#out, count);
    return this.#flushFull();
  }

  /** The next argument of that command. */
  argument(arg: Argument): MaybePromise<void> {
    if (arg.length > LONG) return this.#longArgument(arg);
    appendArgument(this.#out, arg);
    return this.#flushFull();
  }

  /**
   * Adds the arguments of an element to a command of several elements. A command has at most 512 of them,
   * or about 1 MiB.
   */
  element(command: string, key: Uint8Array, args: Argument[]): MaybePromise<void> {
    const held = this.#held;
    if (this.#arguments === 0) {
      appendArgument(held, command);
      appendArgument(held, key);
      this.#arguments = 2;
    }
    this.#arguments += args.length;
    // An element that fills the command goes out from where it lies.
    const length = args.reduce((sum, arg) => sum + arg.length, held.length);
    if (length >= BLOCK) return this.endElements(args);
    for (const arg of args) appendArgument(held, arg);
    const isFull = held.length >= BLOCK || this.#arguments === 2 + BATCH * args.length;
    if (isFull) return this.endElements();
  }

  /** Ends that command, if there is an element in it. */
  async endElements(last: Argument[] = []): Promise<void> {
    if (this.#arguments === 0) return;
    await this.begin(this.#arguments);
    await this.#raw(this.#held.view());
    for (const arg of last) await this.argument(arg);
    this.#held.clear();
    this.#arguments = 0;
  }

  /** Hands on what is there. */
  async flush(): Promise<void> {
    if (this.#out.length === 0) return;
    await this.#sink.write(this.#out.view());
    this.#out.clear();
  }

  async #longCommand(args: Argument[]): Promise<void> {
    await this.begin(args.length);
    for (const arg of args) await this.argument(arg);
  }

  async #longArgument(arg: Argument): Promise<void> {
    const bytes = bytesOf(arg);
    appendLength(this.#out, bytes);
    await this.#raw(bytes);
    this.#out.append(END);
  }

  /** Bytes that are not copied if they are many. */
  async #raw(bytes: Uint8Array): Promise<void> {
    if (bytes.length <= LONG) this.#out.append(bytes);
    else {
      await this.flush();
      await this.#sink.write(bytes);
    }
    const flushed = this.#flushFull();
    if (isPromise(flushed)) await flushed;
  }

  #flushFull(): MaybePromise<void> {
    if (this.#out.length >= BLOCK) return this.flush();
  }
}

const END = Uint8Array.of(0x0d, 0x0a);

/** Appends `*count\r\n`, behind which so many arguments come. */
function appendCount(out: ByteBuilder, count: number): void {
  out.byte(0x2a).ascii(count.toString()).append(END);
}

/** Appends `$length\r\nbytes\r\n`. */
function appendArgument(out: ByteBuilder, arg: Argument): void {
  const bytes = bytesOf(arg);
  appendLength(out, bytes);
  out.append(bytes).append(END);
}

function appendLength(out: ByteBuilder, { length }: Uint8Array): void {
  out.byte(0x24).ascii(length.toString()).append(END);
}

function bytesOf(arg: Argument): Uint8Array {
  return typeof arg === "string" ? encodeUtf8(arg) : arg;
}
