/**
 * The database as commands for `redis-cli --pipe`, in the protocol of Redis:
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

import { compareBytes } from "../../bytes/compare.ts";
import { u64be } from "../../bytes/integers.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { RecordSink } from "../adapter.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { elementAt, type RedisElement } from "./elements.ts";
import { countFields, EntryReader, hllMembers } from "./messages.ts";
import {
  records,
  type RedisCollection,
  type RedisRecord,
  type RedisStrings,
  type RedisValue,
} from "./records.ts";
import { RespCommands } from "./resp_commands.ts";
import { idText, scoreAt, StringRow } from "./values.ts";

/** Greatest time that Redis takes. */
const LAST_TIME = (1n << 63n) - 1n;

/** Writes commands that put the live keys into an empty Redis server. */
export async function writeResp(
  context: AdapterContext,
  selection: RecordSelection,
  sink: RecordSink,
): Promise<void> {
  const commands = new RespCommands(sink);
  for await (const record of records(context, selection)) {
    const written = writeRecord(commands, record);
    if (isPromise(written)) await written;
  }
  await commands.flush();
}

function writeRecord(commands: RespCommands, record: RedisRecord): MaybePromise<void> {
  switch (record.type) {
    case "db":
      return record.receipt.written();
    case "orphan-entries":
      return record.receipt.leave("unreachable");
    case "strings":
      return writeStrings(commands, record);
    default:
      if (!record.live) return record.receipt.leave("hidden");
      return "value" in record ? writeValue(commands, record) : writeCollection(commands, record);
  }
}

async function writeStrings(
  commands: RespCommands,
  { batch, rows, receipt }: RedisStrings,
): Promise<void> {
  const string = new StringRow();
  for (const row of rows) {
    const { key, value, expireAtMs } = string.at(batch, row);
    const set = commands.command("SET", key, value);
    if (isPromise(set)) await set;
    const expires = writeExpiry(commands, key, expireAtMs);
    if (isPromise(expires)) await expires;
    receipt.written(1);
  }
}

async function writeValue(
  commands: RespCommands,
  { type, key, value, expireAtMs, receipt }: RedisValue,
): Promise<void> {
  if (type === "string") await commands.command("SET", key, value);
  else {
    const members = hllMembers(value);
    if (!members) return receipt.leave("not-loadable");
    let member = members.next().value;
    if (member === undefined) await commands.command("PFADD", key);
    for (; member !== undefined; member = members.next().value) {
      const added = commands.element("PFADD", key, [member]);
      if (isPromise(added)) await added;
    }
    await commands.endElements();
  }
  await writeExpiry(commands, key, expireAtMs);
  receipt.written();
}

async function writeCollection(commands: RespCommands, record: RedisCollection): Promise<void> {
  const { type, key, elements, expireAtMs, receipt } = record;
  let any = false;
  let last: Uint8Array | undefined;
  for (;;) {
    const batch = await elements.nextBatch();
    if (batch === undefined) break;
    for (let i = 0; i < batch.count; i++) {
      const element = elementAt(batch, i);
      if (!isLoadable(record, element)) {
        receipt.leaveElement();
        continue;
      }
      any = true;
      if (type === "stream") last = element.key.slice();
      const written = writeElement(commands, record, element);
      if (isPromise(written)) await written;
    }
  }
  await commands.endElements();
  if (type === "stream") await endStream(commands, record, last);
  // Redis has no empty collections but streams.
  else if (!any) return receipt.empty();
  await writeExpiry(commands, key, expireAtMs);
  receipt.written();
}

/** Redis has no score that is not a number, no entry without a field, and none with the id 0-0. */
function isLoadable({ type }: RedisCollection, { key, value }: RedisElement): boolean {
  if (type === "zset") return !Number.isNaN(scoreAt(value, 0));
  return type !== "stream" || (compareBytes(key, FIRST_ID) > 0 && countFields(value) > 0);
}

const FIRST_ID = new Uint8Array(16);

function writeElement(
  commands: RespCommands,
  { type, key }: RedisCollection,
  element: RedisElement,
): MaybePromise<void> {
  switch (type) {
    case "list":
      return commands.element("RPUSH", key, [element.value]);
    case "set":
      return commands.element("SADD", key, [element.key]);
    case "hash":
      return commands.element("HSET", key, [element.key, element.value]);
    case "zset":
      return commands.element("ZADD", key, [scoreText(scoreAt(element.value, 0)), element.key]);
    case "stream":
      return writeEntry(commands, key, element);
  }
}

async function writeEntry(
  commands: RespCommands,
  key: Uint8Array,
  { key: id, value }: RedisElement,
): Promise<void> {
  await commands.begin(3 + 2 * countFields(value));
  for (const arg of ["XADD", key, idText(id)]) await commands.argument(arg);
  const put = (start: number, end: number): MaybePromise<void> =>
    commands.argument(value.subarray(start, end));
  for (const entry = new EntryReader().reset(value); entry.next();) {
    const name = put(entry.nameStart, entry.nameEnd);
    if (isPromise(name)) await name;
    const text = put(entry.valueStart, entry.valueEnd);
    if (isPromise(text)) await text;
  }
}

/**
 * Says which id was the greatest ever given, if it is not that of the last entry.
 *
 * @param last The id of that entry; absent where there is none.
 */
async function endStream(
  commands: RespCommands,
  { key, state }: RedisCollection,
  last: Uint8Array | undefined,
): Promise<void> {
  const { lastMs, lastSeq } = state!;
  const greatest = `${lastMs}-${lastSeq}`;
  if (!last) {
    // Adding an entry that is trimmed at once makes an empty stream. Its id must not be 0-0.
    const id = greatest === "0-0" ? "0-1" : greatest;
    await commands.command("XADD", key, "MAXLEN", "0", id, "", "");
    if (id !== greatest) await commands.command("XSETID", key, greatest);
    return;
  }
  const ms = u64be(last, 0);
  if (lastMs > ms || (lastMs === ms && lastSeq > u64be(last, 8))) {
    await commands.command("XSETID", key, greatest);
  }
}

function writeExpiry(
  commands: RespCommands,
  key: Uint8Array,
  expireAtMs: bigint | undefined,
): MaybePromise<void> {
  if (expireAtMs === undefined) return;
  const ms = expireAtMs < LAST_TIME ? expireAtMs : LAST_TIME;
  return commands.command("PEXPIREAT", key, ms.toString());
}

/** The shortest decimal that gives the same double. */
function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? "inf" : "-inf";
  return Object.is(score, -0) ? "-0" : String(score);
}
