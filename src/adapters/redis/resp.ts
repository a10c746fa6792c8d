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
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { makeRoom } from "./json_elements.ts";
import { hllMembers } from "./messages.ts";
import { redisKeys, type RedisRecord, type RedisStream } from "./records.ts";

/** Bytes that are collected before they are handed on. */
const BLOCK = 1 << 20;
/** Elements of one command. */
const BATCH = 512;
/** Greatest time that Redis takes. */
const LAST_TIME = (1n << 63n) - 1n;

/** Writes commands that put the live keys into an empty Redis server. */
export async function writeResp(
  given: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const context = given.selecting("redis", selection);
  const writer = new RespWriter(sink);
  for await (const record of redisKeys(context, { loadable: true })) await writer.write(record);
  await writer.flush();
}

class RespWriter {
  readonly #sink: RecordSink;
  readonly #out = new ByteBuilder(BLOCK);
  /** The arguments of the command that is being made. */
  #args = new ByteBuilder();
  #count = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** Writes all commands of a key. */
  async write(record: RedisRecord): Promise<void> {
    if (!await this.#writeValue(record)) return;
    if (record.expireAtMs === undefined) return;
    const ms = record.expireAtMs < LAST_TIME ? record.expireAtMs : LAST_TIME;
    await this.#send("PEXPIREAT", record.key, ms.toString());
  }

  /** Hands on what is there. */
  async flush(): Promise<void> {
    await this.#sink.write(this.#out.view());
    this.#out.clear();
  }

  /** Returns whether the key exists now. */
  async #writeValue(record: RedisRecord): Promise<boolean> {
    const { key } = record;
    switch (record.type) {
      case "string":
        await this.#send("SET", key, record.value);
        return true;
      case "hll": {
        const members = hllMembers(record.value)![Symbol.iterator]();
        const any = await this.#batches(
          "PFADD",
          key,
          () => members.next().value,
          (m) => this.#arg(m),
        );
        if (!any) await this.#send("PFADD", key);
        return true;
      }
      case "list":
        return await this.#batches("RPUSH", key, () => record.elements.next(), (i) => this.#arg(i));
      case "set":
        return await this.#batches("SADD", key, () => record.elements.next(), (m) => this.#arg(m));
      case "hash":
        return await this.#batches("HSET", key, () => record.elements.next(), ({ name, value }) => {
          this.#arg(name);
          this.#arg(value);
        });
      case "zset":
        return await this.#batches("ZADD", key, () => record.elements.next(), (element) => {
          this.#arg(scoreText(element.score));
          this.#arg(element.member);
        });
      case "stream":
        await this.#writeStream(record);
        return true;
    }
  }

  /** As many commands as the elements need; returns whether there were any elements. */
  async #batches<T>(
    command: string,
    key: Uint8Array,
    next: () => MaybePromise<T | undefined>,
    add: (element: T) => void,
  ): Promise<boolean> {
    let any = false;
    let elements = 0;
    for (;;) {
      const found = next();
      const element = isPromise(found) ? await found : found;
      if (element === undefined) break;
      any = true;
      if (elements++ === 0) {
        this.#arg(command);
        this.#arg(key);
      }
      add(element);
      if (elements < BATCH && this.#args.length < BLOCK) continue;
      await this.#send();
      elements = 0;
    }
    if (elements > 0) await this.#send();
    return any;
  }

  async #writeStream({ key, elements, lastMs, lastSeq }: RedisStream): Promise<void> {
    let top: { ms: bigint; seq: bigint } | undefined;
    for (;;) {
      const found = elements.next();
      const entry = isPromise(found) ? await found : found;
      if (entry === undefined) break;
      top = { ms: entry.ms, seq: entry.seq };
      for (const arg of ["XADD", key, `${entry.ms}-${entry.seq}`, ...entry.fields]) this.#arg(arg);
      await this.#send();
    }
    const last = `${lastMs}-${lastSeq}`;
    if (!top) {
      // Adding an entry that is trimmed at once makes an empty stream. Its id must not be 0-0.
      const id = last === "0-0" ? "0-1" : last;
      await this.#send("XADD", key, "MAXLEN", "0", id, "", "");
      if (id !== last) await this.#send("XSETID", key, last);
    } else if (lastMs > top.ms || (lastMs === top.ms && lastSeq > top.seq)) {
      await this.#send("XSETID", key, last);
    }
  }

  /** Adds `$length\r\nbytes\r\n` to the command. */
  #arg(arg: Uint8Array | string): void {
    const bytes = typeof arg === "string" ? encodeUtf8(arg) : arg;
    const args = this.#args;
    makeRoom(args, bytes.length);
    args.byte(0x24).ascii(bytes.length.toString()).append(END).append(bytes).append(END);
    this.#count++;
  }

  /** Ends the command. */
  async #send(...args: (Uint8Array | string)[]): Promise<void> {
    for (const arg of args) this.#arg(arg);
    const out = this.#out;
    out.byte(0x2a).ascii(this.#count.toString()).append(END);
    this.#count = 0;
    if (this.#args.length < BLOCK) out.append(this.#args.view());
    else {
      // Long commands are not copied once more.
      await this.flush();
      await this.#sink.write(this.#args.view());
    }
    if (this.#args.bytes.length > 4 * BLOCK) this.#args = new ByteBuilder(BLOCK);
    else this.#args.clear();
    if (out.length >= BLOCK) await this.flush();
  }
}

const END = Uint8Array.of(0x0d, 0x0a);

/** The shortest decimal that gives the same double. */
function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? "inf" : "-inf";
  return Object.is(score, -0) ? "-0" : String(score);
}
