/**
 * The database as commands for `redis-cli --pipe`, in the protocol of Redis:
 *
 * ```text
 * *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n
 * ```
 *
 * | type   | commands                                                                             |
 * |--------|--------------------------------------------------------------------------------------|
 * | string | `SET key value`                                                                      |
 * | hll    | `PFADD key member…`, which gives the same counts, not the same bytes                 |
 * | hash   | `HSET key field value…`                                                              |
 * | list   | `RPUSH key item…`                                                                    |
 * | set    | `SADD key member…`                                                                   |
 * | zset   | `ZADD key score member…`                                                             |
 * | stream | `XADD key id field value…` for each entry, then `XSETID key id` if ids went further  |
 *
 * and `PEXPIREAT key ms` where the key expires; Redis deletes what has expired already. Nothing is
 * deleted first: load into an empty server. A command has at most 512 elements or about 1 MiB.
 *
 * @module
 */

import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes } from "../../bytes/compare.ts";
import { u64be } from "../../bytes/integers.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import type { RedisElement } from "./elements.ts";
import { countFields, EntryReader, hllMembers } from "./messages.ts";
import {
  records,
  type RedisCollection,
  type RedisRecord,
  type RedisStrings,
  type RedisValue,
} from "./records.ts";
import { idText, scoreAt, StringRow } from "./values.ts";

/** Bytes that are collected before they are handed on, and of a command of several elements. */
const BLOCK = 1 << 20;
/** Elements of one command. */
const BATCH = 512;
/** Longer arguments are handed on from where they lie. */
const LONG = 64 << 10;
/** Greatest time that Redis takes. */
const LAST_TIME = (1n << 63n) - 1n;

/** Writes commands that put the live keys into an empty Redis server. */
export async function writeResp(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const writer = new RespWriter(sink);
  for await (const record of records(context, selection)) {
    const written = writer.write(record);
    if (isPromise(written)) await written;
  }
  await writer.flush();
}

type Argument = Uint8Array | string;

/** What a command gets of an element. */
const ARGUMENTS = {
  list: ["RPUSH", ({ value }: RedisElement): Argument[] => [value]],
  set: ["SADD", ({ key }: RedisElement): Argument[] => [key]],
  hash: ["HSET", ({ key, value }: RedisElement): Argument[] => [key, value]],
  zset: ["ZADD", ({ key, value }: RedisElement): Argument[] => [scoreText(scoreAt(value, 0)), key]],
} as const;

class RespWriter {
  readonly #sink: RecordSink;
  readonly #out = new ByteBuilder(BLOCK);
  /** A command of several elements that is being made: its arguments, and how many they are. */
  readonly #held = new ByteBuilder();
  #arguments = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** Writes all commands of a record. */
  write(record: RedisRecord): MaybePromise<void> {
    switch (record.type) {
      case "db":
        return record.receipt.written();
      case "orphan-entries":
        return record.receipt.leave("unreachable");
      case "strings":
        return this.#writeStrings(record);
      default:
        if (!record.live) return record.receipt.leave("hidden");
        return "value" in record ? this.#writeValue(record) : this.#writeCollection(record);
    }
  }

  /** Hands on what is there. */
  async flush(): Promise<void> {
    if (this.#out.length === 0) return;
    await this.#sink.write(this.#out.view());
    this.#out.clear();
  }

  async #writeStrings({ batch, rows, receipt }: RedisStrings): Promise<void> {
    const string = new StringRow();
    for (const row of rows) {
      const { key, value, expireAtMs } = string.at(batch, row);
      const set = this.#command("SET", key, value);
      if (isPromise(set)) await set;
      const expires = this.#expire(key, expireAtMs);
      if (isPromise(expires)) await expires;
      receipt.written(1);
    }
  }

  async #writeValue({ type, key, value, expireAtMs, receipt }: RedisValue): Promise<void> {
    if (type === "string") await this.#command("SET", key, value);
    else {
      const members = hllMembers(value);
      if (!members) return receipt.leave("not-loadable");
      let any = false;
      for (;;) {
        const member = members.next().value;
        if (member === undefined) break;
        any = true;
        await this.#element("PFADD", key, [member]);
      }
      if (any) await this.#endElements();
      else await this.#command("PFADD", key);
    }
    await this.#expire(key, expireAtMs);
    receipt.written();
  }

  async #writeCollection(record: RedisCollection): Promise<void> {
    const { key, expireAtMs, receipt } = record;
    const any = await this.#writeElements(record);
    // Redis has no empty collections but streams.
    if (!any && record.type !== "stream") return receipt.empty();
    await this.#expire(key, expireAtMs);
    receipt.written();
  }

  /** Returns whether there were any. */
  async #writeElements(record: RedisCollection): Promise<boolean> {
    const { type, key, elements, receipt } = record;
    const top = new Uint8Array(16);
    let any = false;
    for (;;) {
      const found = elements.next();
      const element = isPromise(found) ? await found : found;
      if (element === undefined) break;
      if (!isLoadable(record, element)) {
        receipt.leaveElement();
        continue;
      }
      any = true;
      let added: MaybePromise<void>;
      if (type === "stream") {
        top.set(element.key);
        added = this.#writeEntry(key, element);
      } else added = this.#element(ARGUMENTS[type][0], key, ARGUMENTS[type][1](element));
      if (isPromise(added)) await added;
    }
    if (type === "stream") await this.#endStream(record, any ? top : undefined);
    else await this.#endElements();
    return any;
  }

  /** Adds an element to the command that is being made. */
  #element(command: string, key: Uint8Array, args: Argument[]): MaybePromise<void> {
    const held = this.#held;
    if (this.#arguments === 0) {
      appendArgument(held, command);
      appendArgument(held, key);
      this.#arguments = 2;
    }
    this.#arguments += args.length;
    // An element that fills the command goes out from where it lies.
    const length = args.reduce((sum, arg) => sum + arg.length, held.length);
    if (length >= BLOCK) return this.#endElements(args);
    for (const arg of args) appendArgument(held, arg);
    const isFull = held.length >= BLOCK || this.#arguments === 2 + BATCH * args.length;
    if (isFull) return this.#endElements();
  }

  /** Ends that command, if anything is in it. */
  async #endElements(last: Argument[] = []): Promise<void> {
    if (this.#arguments === 0) return;
    await this.#begin(this.#arguments);
    await this.#raw(this.#held.view());
    for (const arg of last) await this.#argument(arg);
    this.#held.clear();
    this.#arguments = 0;
  }

  async #writeEntry(key: Uint8Array, { key: id, value }: RedisElement): Promise<void> {
    await this.#begin(3 + 2 * countFields(value));
    for (const arg of ["XADD", key, idText(id)]) await this.#argument(arg);
    for (const entry = new EntryReader().reset(value); entry.next();) {
      const name = this.#argument(value.subarray(entry.nameStart, entry.nameEnd));
      if (isPromise(name)) await name;
      const text = this.#argument(value.subarray(entry.valueStart, entry.valueEnd));
      if (isPromise(text)) await text;
    }
  }

  /** Says which id was the greatest ever given, if none of the entries has it. */
  async #endStream({ key, state }: RedisCollection, top: Uint8Array | undefined): Promise<void> {
    const { lastMs, lastSeq } = state!;
    const last = `${lastMs}-${lastSeq}`;
    if (!top) {
      // Adding an entry that is trimmed at once makes an empty stream. Its id must not be 0-0.
      const id = last === "0-0" ? "0-1" : last;
      await this.#command("XADD", key, "MAXLEN", "0", id, "", "");
      if (id !== last) await this.#command("XSETID", key, last);
      return;
    }
    const ms = u64be(top, 0);
    if (lastMs > ms || (lastMs === ms && lastSeq > u64be(top, 8))) {
      await this.#command("XSETID", key, last);
    }
  }

  #expire(key: Uint8Array, expireAtMs: bigint | undefined): MaybePromise<void> {
    if (expireAtMs === undefined) return;
    const ms = expireAtMs < LAST_TIME ? expireAtMs : LAST_TIME;
    return this.#command("PEXPIREAT", key, ms.toString());
  }

  #command(...args: Argument[]): MaybePromise<void> {
    if (args.some(({ length }) => length > LONG)) return this.#longCommand(args);
    appendCount(this.#out, args.length);
    for (const arg of args) appendArgument(this.#out, arg);
    return this.#flushFull();
  }

  async #longCommand(args: Argument[]): Promise<void> {
    await this.#begin(args.length);
    for (const arg of args) await this.#argument(arg);
  }

  /** Begins a command of so many arguments. */
  #begin(count: number): MaybePromise<void> {
    appendCount(this.#out, count);
    return this.#flushFull();
  }

  #argument(arg: Argument): MaybePromise<void> {
    if (arg.length <= LONG) {
      appendArgument(this.#out, arg);
      return this.#flushFull();
    }
    return this.#longArgument(typeof arg === "string" ? encodeUtf8(arg) : arg);
  }

  async #longArgument(bytes: Uint8Array): Promise<void> {
    this.#out.byte(0x24).ascii(bytes.length.toString()).append(END);
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
    await this.#flushFull();
  }

  #flushFull(): MaybePromise<void> {
    if (this.#out.length >= BLOCK) return this.flush();
  }
}

const END = Uint8Array.of(0x0d, 0x0a);
const FIRST_ID = new Uint8Array(16);

/** Appends `*count\r\n`, behind which so many arguments come. */
function appendCount(out: ByteBuilder, count: number): void {
  out.byte(0x2a).ascii(count.toString()).append(END);
}

/** Appends `$length\r\nbytes\r\n`. */
function appendArgument(out: ByteBuilder, arg: Argument): void {
  const bytes = typeof arg === "string" ? encodeUtf8(arg) : arg;
  out.byte(0x24).ascii(bytes.length.toString()).append(END).append(bytes).append(END);
}

/** Redis has no score that is not a number, no entry without a field, and none with the id 0-0. */
function isLoadable({ type }: RedisCollection, { key, value }: RedisElement): boolean {
  if (type === "zset") return !Number.isNaN(scoreAt(value, 0));
  return type !== "stream" || (compareBytes(key, FIRST_ID) > 0 && countFields(value) > 0);
}

/** The shortest decimal that gives the same double. */
function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? "inf" : "-inf";
  return Object.is(score, -0) ? "-0" : String(score);
}
