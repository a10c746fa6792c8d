/** Lists the keys of a scope, and shows single records: as text, for the page to show as text. @module */

import type { Item, ItemKey, OpenSnapshot, TableSchema } from "../../mod.ts";
import { size } from "../../src/cli/format.ts";
import { UsageError } from "../../src/errors.ts";
import { rfc3339FromHlc, rfc3339FromMs } from "../../src/text/rfc3339.ts";
import { nameText } from "../../src/text/name_text.ts";
import type { KeyList, ListedKey } from "./key_list.ts";
import { MAX_KEYS } from "./key_list.ts";
import type { Fact, RecordView, ScopeName } from "./protocol.ts";

/** Elements of a collection that are shown. */
const MAX_ELEMENTS = 1_000;
/** Bytes of a value that are shown. */
const MAX_BYTES = 8 << 20;
/** Bytes of each element that are shown. */
const MAX_CELL = 4_096;

/** Gathers all keys of a scope. */
export async function gather(
  snapshot: OpenSnapshot,
  scope: ScopeName,
  list: KeyList,
  signal: AbortSignal,
): Promise<void> {
  for await (const key of keysOf(snapshot, scope, signal)) {
    list.add(key);
    if (list.total === MAX_KEYS) return;
  }
}

async function* keysOf(
  snapshot: OpenSnapshot,
  { adapter, scope }: ScopeName,
  signal: AbortSignal,
): AsyncGenerator<ListedKey> {
  switch (adapter) {
    case "dynamodb": {
      const table = snapshot.dynamodb.table(scope);
      const names = keyNames(await table.schema());
      for await (const item of table.items({ signal })) {
        const key = Object.fromEntries(names.map((name) => [name, item[name]]));
        const label = names.map((name) => Object.values(item[name])[0]).join("  ");
        yield { id: JSON.stringify(key), label, note: "" };
      }
      return;
    }
    case "s3":
      for await (const { key, body } of snapshot.s3.bucket(scope).objects({ signal })) {
        yield { id: key, label: key, note: size(body.size) };
      }
      return;
    case "redis":
      for await (const { name, type } of snapshot.redis.keys({ signal })) {
        yield { id: name, label: name, note: type };
      }
      return;
    case "sqs":
      for await (const message of snapshot.sqs.queue(scope).messages({ signal })) {
        const { message_id: id, send_timestamp_millis: sent } = message;
        yield { id, label: id, note: rfc3339FromMs(sent) };
      }
  }
}

/** One record, with what is known of it. */
export async function recordView(
  snapshot: OpenSnapshot,
  { adapter, scope }: ScopeName,
  id: string,
  signal: AbortSignal,
): Promise<RecordView> {
  switch (adapter) {
    case "dynamodb":
      return await itemView(snapshot, scope, JSON.parse(id), signal);
    case "s3":
      return await objectView(snapshot, scope, id, signal);
    case "redis":
      return await keyView(snapshot, id);
    case "sqs":
      return await messageView(snapshot, scope, id, signal);
  }
}

async function itemView(
  snapshot: OpenSnapshot,
  scope: string,
  key: ItemKey,
  signal: AbortSignal,
): Promise<RecordView> {
  const table = snapshot.dynamodb.table(scope);
  const item = await table.get(key, { signal });
  if (!item) throw gone();
  const schema = await table.schema();
  const { attributeTypes, indexes } = schema;
  const versions = [];
  for await (const { commitTs, item } of table.versions(key, { signal })) {
    versions.push({ at: rfc3339FromHlc(commitTs), item });
  }
  return {
    facts: [
      ["Key", keyNames(schema).map((name) => `${name} (${attributeTypes.get(name)})`).join(", ")],
      ...(indexes.length === 0 ? [] : [["Indexes", indexes.map(({ name }) => name).join(", ")]]),
    ] as Fact[],
    body: { is: "item", item },
    versions,
  };
}

/** The names of the key attributes: one or two. */
function keyNames({ key: { hash, range } }: TableSchema): string[] {
  return range ? [hash, range] : [hash];
}

async function objectView(
  snapshot: OpenSnapshot,
  scope: string,
  id: string,
  signal: AbortSignal,
): Promise<RecordView> {
  const object = await snapshot.s3.bucket(scope).get(id, { signal });
  if (!object) throw gone();
  const { headers, body } = object;
  const facts: Fact[] = [
    ["Size", size(body.size)],
    ["Last modified", rfc3339FromHlc(headers.lastModifiedHlc)],
    ["ETag", headers.etag],
    ["Content-Type", headers.contentType],
    ["Content-Encoding", headers.contentEncoding],
    ["Cache-Control", headers.cacheControl],
    ["Content-Disposition", headers.contentDisposition],
    ...[...headers.userMetadata].map(([name, value]): Fact => [`x-amz-meta-${name}`, value]),
  ];
  const bytes = await firstBytes(body, Math.min(body.size, MAX_BYTES));
  const type = headers.contentType;
  return {
    facts: facts.filter(([, value]) => value !== ""),
    body: { is: "bytes", bytes, size: body.size, type },
  };
}

/** The beginning of a body. Only one that is read to its end is proven to be whole. */
async function firstBytes(
  body: AsyncIterable<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of body) {
    const part = piece.subarray(0, length - at);
    bytes.set(part, at);
    at += part.length;
    if (at === length && part.length < piece.length) break;
  }
  return bytes;
}

async function keyView(snapshot: OpenSnapshot, id: string): Promise<RecordView> {
  const key = await snapshot.redis.get(keyOf(id));
  if (!key) throw gone();
  const facts: Fact[] = [["Type", key.type]];
  if (key.expireAtMs !== undefined) facts.push(["Expires", rfc3339FromMs(key.expireAtMs)]);
  switch (key.type) {
    case "string":
      return { facts, body: bytesOf(key.value) };
    case "hll": {
      if (!key.elements) return { facts, body: bytesOf(key.value) };
      return { facts, body: await rowsOf(["Member"], key.elements, (one) => [cell(one)]) };
    }
    case "list":
    case "set": {
      const head = [key.type === "list" ? "Item" : "Member"];
      return { facts, body: await rowsOf(head, key.elements, (one) => [cell(one)]) };
    }
    case "hash":
      return {
        facts,
        body: await rowsOf(
          ["Field", "Value"],
          key.elements,
          ({ field, value }) => [cell(field), cell(value)],
        ),
      };
    case "zset":
      return {
        facts,
        body: await rowsOf(
          ["Member", "Score"],
          key.elements,
          ({ member, score }) => [cell(member), String(score)],
        ),
      };
    case "stream":
      return {
        facts: [...facts, ["Entries", String(key.length)], ["Last id", key.lastId]],
        body: await rowsOf(["Id", "Fields"], key.elements, ({ id, fields }) => [
          id,
          fields.map(([name, value]) => `${cell(name)}: ${cell(value)}`).join("\n"),
        ]),
      };
  }
}

/** A key by its text; the text of an empty one is no name. */
function keyOf(id: string): string | Uint8Array {
  return id.startsWith("b64:") ? Uint8Array.fromBase64(id.slice(4), { alphabet: "base64url" }) : id;
}

async function messageView(
  snapshot: OpenSnapshot,
  scope: string,
  id: string,
  signal: AbortSignal,
): Promise<RecordView> {
  for await (const message of snapshot.sqs.queue(scope).messages({ signal })) {
    if (message.message_id !== id) continue;
    const { body, message_attributes, current_receipt_token: _, ...fields } = message;
    const facts = Object.entries(fields).map(([name, value]): Fact => [
      name.replaceAll("_", " "),
      name.endsWith("_millis") ? rfc3339FromMs(value as bigint) : String(value),
    ]);
    for (const [name, json] of message_attributes ?? []) facts.push([name, cell(json)]);
    return { facts, body: bytesOf(body) };
  }
  throw gone();
}

function bytesOf(value: Uint8Array): RecordView["body"] {
  return { is: "bytes", bytes: value.slice(0, MAX_BYTES), size: value.length, type: "" };
}

async function rowsOf<T>(
  head: string[],
  elements: AsyncIterable<T>,
  cells: (one: T) => string[],
): Promise<RecordView["body"]> {
  const rows: string[][] = [];
  for await (const one of elements) {
    if (rows.length === MAX_ELEMENTS) return { is: "rows", head, rows, more: true };
    rows.push(cells(one));
  }
  return { is: "rows", head, rows, more: false };
}

function cell(value: Uint8Array): string {
  const isLong = value.length > MAX_CELL;
  if (value.length === 0) return "";
  return isLong
    ? `${nameText(value.subarray(0, MAX_CELL))} … (${size(value.length)})`
    : nameText(value);
}

function gone(): UsageError {
  return new UsageError("there is no such record at this moment");
}

/** The bytes of a record as a file of its own: an item as DynamoDB JSON, anything else as it is. */
export async function* recordBytes(
  snapshot: OpenSnapshot,
  { adapter, scope }: ScopeName,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (adapter === "s3") {
    const object = await snapshot.s3.bucket(scope).get(id, { signal });
    if (!object) throw gone();
    yield* object.body;
    return;
  }
  const { body } = await recordView(snapshot, { adapter, scope }, id, signal);
  const text = (value: unknown): Uint8Array =>
    new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  if (body.is === "item") yield text(body.item satisfies Item);
  else if (body.is === "bytes" && body.size === body.bytes.length) yield body.bytes;
  else if (body.is === "rows" && !body.more) yield text(body.rows);
  else {
    throw new UsageError("it is too large to be saved by itself", {
      hint: "save the database: all of it is in there",
    });
  }
}
