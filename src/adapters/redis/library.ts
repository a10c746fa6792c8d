/** Redis keys, for programs. @module */

import { UsageError } from "../../errors.ts";
import { keyRange, rangeWithin } from "../../mvcc/key_range.ts";
import type { MaybePromise } from "../../sources/source.ts";
import { nameText } from "../../text/name_text.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext, WalkOptions } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import type { RedisElement } from "./elements.ts";
import { EntryReader, hllMembers } from "./messages.ts";
import { records, type RedisCollection, type RedisKeyInfo, type RedisValue } from "./records.ts";
import { idText, scoreAt, StringRow } from "./values.ts";

/**
 * A key, as clients see it. Elements can be gone through once, and before the next key is asked for.
 * Items of lists come in their order, entries by id, the others by the bytes of the field or member.
 */
export type RedisKey =
  & {
    /** The key: any bytes. */
    key: Uint8Array;
    /** The key as text; one that is not UTF-8 as `b64:` and base64, as reports write it. */
    name: string;
    /** When it expires, in Unix ms; absent = never. Keys that have expired are given like others. */
    expireAtMs?: bigint;
  }
  & (
    | { type: "string"; value: Uint8Array }
    | {
      /** A HyperLogLog. */
      type: "hll";
      /** As it is stored. */
      value: Uint8Array;
      /** Its exact members; absent where the value is damaged. */
      elements?: AsyncIterable<Uint8Array>;
    }
    | { type: "list" | "set"; elements: AsyncIterable<Uint8Array> }
    | { type: "hash"; elements: AsyncIterable<{ field: Uint8Array; value: Uint8Array }> }
    | { type: "zset"; elements: AsyncIterable<{ member: Uint8Array; score: number }> }
    | {
      type: "stream";
      /** A name can come twice. */
      elements: AsyncIterable<{ id: string; fields: [name: Uint8Array, value: Uint8Array][] }>;
      /** Entries by the server's own count. */
      length: bigint;
      /** The greatest id that was ever given. */
      lastId: string;
    }
  );

/** Which keys are gone through, and how. */
export interface RedisKeysOptions extends WalkOptions {
  /** Only keys that begin with this: text, or bytes where it is not UTF-8. */
  prefix?: string | Uint8Array;
  /** Only keys that are not below this one, by their bytes. */
  from?: string | Uint8Array;
  /** Only keys below this one. */
  to?: string | Uint8Array;
}

/**
 * The keys of a snapshot.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * using snap = await openSnapshot("0000000000000235.fsm");
 * const session = await snap.redis.get("session:1");
 * if (session?.type === "hash") {
 *   for await (const { field, value } of session.elements) console.log(field, value);
 * }
 * ```
 */
export class RedisKeys {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /**
   * Every key that clients see, with its value. Strings come first, then the others, shorter ones before
   * longer ones. Only what is needed for the keys from `from` on and below `to` is read.
   *
   * @throws {UnsoundError} at the first row that is malformed.
   */
  async *keys(options: RedisKeysOptions = {}): AsyncGenerator<RedisKey> {
    const { prefix, from, to, ...walk } = options;
    const bytes = (key: string | Uint8Array | undefined): Uint8Array | undefined =>
      typeof key === "string" ? encodeUtf8(key) : key;
    const range = rangeWithin({ prefix: bytes(prefix), from: bytes(from), to: bytes(to) });
    if (range) yield* this.#keys(range, walk);
  }

  /**
   * One key, or `undefined` if there is none. A few blocks are read for it, and its elements when they are
   * asked for.
   *
   * @param key As text, or as bytes where it is not UTF-8.
   * @throws {UnsoundError} when it is malformed.
   */
  async get(key: string | Uint8Array): Promise<RedisKey | undefined> {
    const only = keyRange(typeof key === "string" ? encodeUtf8(key) : key);
    const end = (): Promise<unknown> => keys.return(undefined);
    const keys = this.#keys(only, {}, end);
    // What clients see comes first.
    const { value } = await keys.next();
    if (!value || "value" in value) await end();
    return value || undefined;
  }

  /** @param end Called when the elements of a collection were gone through. */
  async *#keys(
    selection: RecordSelection,
    walk: WalkOptions,
    end: () => unknown = () => {},
  ): AsyncGenerator<RedisKey> {
    const string = new StringRow();
    for await (const record of records(this.#context.walking(walk), selection)) {
      switch (record.type) {
        case "strings":
          for (const row of record.rows) {
            const { key, value, expireAtMs } = string.at(record.batch, row);
            const info = infoOf({ key: key.slice(), expireAtMs });
            yield { ...info, type: "string", value: value.slice() };
          }
          record.receipt.written(record.rows.length);
          break;
        case "db":
          record.receipt.written();
          break;
        case "orphan-entries":
          record.receipt.leave("unreachable");
          break;
        default:
          if (record.live) {
            const turn = { isOver: false };
            yield "value" in record ? valueOf(record) : collectionOf(record, turn, end);
            turn.isOver = true;
          }
          record.receipt.written();
      }
    }
  }
}

/** What all keys have. */
type Info = Pick<RedisKey, "key" | "name" | "expireAtMs">;

function infoOf({ key, expireAtMs }: Omit<RedisKeyInfo, "live">): Info {
  return { key, name: nameText(key), ...(expireAtMs === undefined ? {} : { expireAtMs }) };
}

function valueOf(record: RedisValue): RedisKey {
  const { type, value } = record;
  if (type === "string") return { ...infoOf(record), type, value };
  const members = hllMembers(value);
  return {
    ...infoOf(record),
    type,
    value,
    ...(members && {
      elements: once({ isOver: false }, () => each(() => members.next().value, (one) => one)),
    }),
  };
}

function collectionOf(record: RedisCollection, turn: Turn, end: () => unknown): RedisKey {
  const { type, elements, state } = record;
  const all = <T>(of: (element: RedisElement) => T): AsyncIterable<T> =>
    once(turn, () => each(() => elements.next(), of, end));
  const info = infoOf(record);
  switch (type) {
    case "list":
      return { ...info, type, elements: all(({ value }) => value.slice()) };
    case "set":
      return { ...info, type, elements: all(({ key }) => key.slice()) };
    case "hash":
      return {
        ...info,
        type,
        elements: all(({ key, value }) => ({ field: key.slice(), value: value.slice() })),
      };
    case "zset":
      return {
        ...info,
        type,
        elements: all(({ key, value }) => ({ member: key.slice(), score: scoreAt(value, 0) })),
      };
    case "stream": {
      const { length, lastMs, lastSeq } = state!;
      return { ...info, type, elements: all(entryOf), length, lastId: `${lastMs}-${lastSeq}` };
    }
  }
}

/** A key's turn in the walk over all keys. */
interface Turn {
  isOver: boolean;
}

/** What can be gone through once, while it is its key's turn: later it would seem to be empty. */
function once<T>(turn: Turn, begin: () => AsyncGenerator<T, void>): AsyncIterable<T> {
  let begun = false;
  return {
    [Symbol.asyncIterator]() {
      if (!begun && !turn.isOver) {
        begun = true;
        return begin();
      }
      throw new UsageError("these elements have gone by", {
        hint: "go through them once, before the next key is asked for; get gives one key again",
      });
    },
  };
}

async function* each<From, To>(
  next: () => MaybePromise<From | undefined>,
  of: (from: From) => To,
  end: () => unknown = () => {},
): AsyncGenerator<To, void> {
  try {
    for (;;) {
      const from = await next();
      if (from === undefined) return;
      yield of(from);
    }
  } finally {
    await end();
  }
}

function entryOf({ key, value }: RedisElement): {
  id: string;
  fields: [name: Uint8Array, value: Uint8Array][];
} {
  const entry = new EntryReader().reset(value);
  const fields: [Uint8Array, Uint8Array][] = [];
  while (entry.next()) {
    const { nameStart, nameEnd, valueStart, valueEnd } = entry;
    fields.push([value.slice(nameStart, nameEnd), value.slice(valueStart, valueEnd)]);
  }
  return { id: idText(key), fields };
}
