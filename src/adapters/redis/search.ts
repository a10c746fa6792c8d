/** Looks through keys. @module */

import type { Excerpt, Finder } from "../../text/finder.ts";
import { nameText } from "../../text/name_text.ts";
import { scopeLabel } from "../../keyspace/scope_labels.ts";
import type { AdapterContext } from "../context.ts";
import { findIn, type Found } from "../search.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { elementAt, type RedisElement } from "./elements.ts";
import { EntryReader, hllMembers } from "./messages.ts";
import { records, type RedisCollection, type RedisKeyRecord } from "./records.ts";
import { DATABASE } from "./scopes.ts";
import { idText, StringRow } from "./values.ts";

/** Finds keys by their name, and by what is in their value: strings, members, fields, items, entries. */
export async function* searchRecords(
  context: AdapterContext,
  selection: RecordSelection,
  finder: Finder,
): AsyncGenerator<Found> {
  const string = new StringRow();
  for await (const record of records(context, selection)) {
    switch (record.type) {
      case "strings":
        for (const row of record.rows) {
          const { key, value } = string.at(record.batch, row);
          const [inName, inValue] = [findIn(finder, key), findIn(finder, value)];
          if (inName || inValue) yield* inKey("string", key, inName, inValue);
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
        if (record.live) yield* searchKey(record, finder);
        record.receipt.written();
    }
  }
}

function* inKey(
  type: string,
  key: Uint8Array,
  inName: Excerpt | undefined,
  inValue?: Excerpt | undefined,
  part = "value",
): Generator<Found> {
  const owner = (): { scope: Uint8Array; type: string; key: string } => ({
    scope: DATABASE,
    type,
    key: nameText(key),
  });
  if (inName) yield { ...inName, ...owner(), part: "key" };
  if (inValue) yield { ...inValue, ...owner(), part };
}

async function* searchKey(record: RedisKeyRecord, finder: Finder): AsyncGenerator<Found> {
  const { type, key } = record;
  yield* inKey(type, key, findIn(finder, key));
  if ("elements" in record) return yield* searchElements(record, finder);
  const members = type === "hll" ? hllMembers(record.value) : undefined;
  if (!members) return yield* inKey(type, key, undefined, findIn(finder, record.value));
  for (let member = members.next(); !member.done; member = members.next()) {
    yield* inKey(type, key, undefined, findIn(finder, member.value), "member");
  }
}

async function* searchElements(record: RedisCollection, finder: Finder): AsyncGenerator<Found> {
  const { type, key, elements } = record;
  let place = 0;
  for (let batch = await elements.nextBatch(); batch; batch = await elements.nextBatch()) {
    for (let i = 0; i < batch.count; i++, place++) {
      for (const { bytes, start, end, part } of partsOf(record, elementAt(batch, i), place)) {
        const found = findIn(finder, bytes, start, end);
        if (found) yield* inKey(type, key, undefined, found, part());
      }
    }
  }
}

/** Some bytes of an element, and what they are called. */
interface ElementPart {
  bytes: Uint8Array;
  start?: number;
  end?: number;
  part: () => string;
}

function* partsOf(
  { type }: RedisCollection,
  { key, value }: RedisElement,
  place: number,
): Generator<ElementPart> {
  const shown = (name: Uint8Array): string => nameText(scopeLabel(name));
  switch (type) {
    case "list":
      return yield { bytes: value, part: () => `[${place}]` };
    case "hash":
      yield { bytes: key, part: () => `name of ${shown(key)}` };
      return yield { bytes: value, part: () => shown(key) };
    case "stream":
      for (const entry = new EntryReader().reset(value); entry.next();) {
        const { nameStart, nameEnd, valueStart, valueEnd } = entry;
        const name = (): string => `${idText(key)} ${shown(value.slice(nameStart, nameEnd))}`;
        yield { bytes: value, start: nameStart, end: nameEnd, part: () => `name of ${name()}` };
        yield { bytes: value, start: valueStart, end: valueEnd, part: name };
      }
      return;
    default:
      yield { bytes: key, part: () => "member" };
  }
}
