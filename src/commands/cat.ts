/** Gives one file that a decode would write, by the address of its record or by its path. @module */

import { type ItemKey, itemKeyOf, payloadOf, storedKeys } from "../adapters/dynamodb/keys.ts";
import { readTable } from "../adapters/dynamodb/scopes.ts";
import { DATABASE } from "../adapters/redis/scopes.ts";
import type { RecordSelection } from "../adapters/wanted_rows.ts";
import { equalBytes } from "../bytes/compare.ts";
import type { DecantError } from "../errors.ts";
import { type AdapterName, classify } from "../keyspace/families.ts";
import { parseRedisKey, RedisKey } from "../keyspace/redis_keys.ts";
import { keyRange } from "../mvcc/key_range.ts";
import type { Problem } from "../mvcc/problems.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { LookSink, type SeenFile } from "../sinks/look_sink.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import type { MaybePromise } from "../sources/source.ts";
import { nearest } from "../text/nearest.ts";
import { nameText } from "../text/name_text.ts";
import { SIDECAR_SUFFIX } from "../tree/object_files.ts";
import type { FileAbout } from "../tree/sink.ts";
import type { Address } from "./address.ts";
import { Enough, type Look, look, lookContext, type RunOptions } from "./look.ts";
import { nothingFound } from "./nothing_found.ts";
import { PLAIN, scopeFolder } from "./scope_paths.ts";
import { Selection } from "./selection.ts";

/** Where a file is found. */
export interface Place {
  adapter: AdapterName;
  selection: RecordSelection;
  /** Whether this is the file. */
  isIt(path: string, about: FileAbout | undefined): boolean;
  /** Whether many rows make it: then all are read once before any of it is given. */
  hasManyRows?: boolean;
}

/**
 * Gives the bytes of one file: an item, a schema, the body of an object, a value or a collection of Redis,
 * the messages of a queue, or any other file of a dump by its path. They are the bytes that a decode would
 * write. Of the snapshot little more is read than the rows of that record, but where its path does not
 * tell its key: then the names of its table, bucket or database are gone through.
 *
 * @param write Takes the bytes. What many rows make has been found to be whole before the first ones come.
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @returns What was found.
 * @throws {NothingSelectedError} when there is no such record. In a damaged snapshot nobody knows that.
 * @throws {UnsoundError} when it is damaged.
 * @throws {UsageError} when the address cannot be that of a record.
 */
export async function cat(
  snapshot: Snapshot,
  address: Address,
  write: (bytes: Uint8Array) => MaybePromise<void>,
  options: RunOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<SeenFile> {
  const parts: Look = { snapshot, scratch, options };
  const place = await placeOf(parts, address);
  if (place?.hasManyRows) await find(parts, place, () => {});
  const found = place && await find(parts, place, write);
  if (found) return found;
  if (address.kind === "queue") {
    // A queue without messages has no file of them.
    const path = `${scopeFolder("sqs", address.queue)}/_queue.json`;
    const queue = await placeOf(parts, { kind: "path", adapter: "sqs", path });
    if (queue && await find(parts, queue, () => {})) return { path, size: 0 };
  }
  throw nothingThere(snapshot, address);
}

/**
 * Looks for a file and gives its bytes.
 *
 * @throws {UnsoundError} when a row of it is damaged; or any, if it was not found.
 */
export async function find(
  parts: Look,
  { adapter, selection, isIt }: Place,
  write: (bytes: Uint8Array) => MaybePromise<void>,
): Promise<SeenFile | undefined> {
  let found: SeenFile | undefined;
  const sink = new LookSink({
    wants: isIt,
    bytes: write,
    end(file) {
      if (!isIt(file.path, file.about)) return;
      found = file;
      throw new Enough();
    },
  });
  const problems = await look(parts, adapter, selection, sink);
  const problem = problems.find((problem) => !found || isOf(problem, found));
  if (problem) throw problem.error;
  return found;
}

/**
 * Whether a row is damaged that a key of Redis or the messages of a queue have. All other records are
 * made of one row, or are not given at all when one is damaged.
 */
function isOf({ error: { key, cut } }: Problem, { about }: SeenFile): boolean {
  if (!key || !about) return false;
  const family = classify(key, 0, key.length);
  if (about.type === "messages") return family.id === "sqs-message";
  if (family.adapter !== "redis" || !about.key) return false;
  // Nobody knows whose row it is of which only the beginning is known.
  if (cut) return true;
  const parts = new RedisKey();
  return parseRedisKey(family, key, 0, key.length, parts) === undefined &&
    equalBytes(key.subarray(parts.nameStart, parts.nameEnd), about.key);
}

/** Where an address leads; `undefined` where there is no such table, bucket, database or queue. */
export async function placeOf(parts: Look, address: Address): Promise<Place | undefined> {
  switch (address.kind) {
    case "path":
      return await placeOfPath(parts, address.adapter, address.path);
    case "table": {
      const path = `${scopeFolder("dynamodb", address.table)}/_schema.json`;
      return ofScope("dynamodb", address.table, (found) => found === path);
    }
    case "item": {
      const range = await itemRange(parts, address);
      return range && {
        adapter: "dynamodb",
        selection: { scopes: [address.table], ...range },
        isIt: (_, about) => about?.type === "item",
      };
    }
    case "bucket": {
      const path = `${scopeFolder("s3", address.bucket)}/_bucket.json`;
      return ofScope("s3", address.bucket, (found) => found === path);
    }
    case "object": {
      const { bucket, key } = address;
      return objectPlace(bucket, key, (_, about) => about?.type === "object");
    }
    case "redis":
      return {
        adapter: "redis",
        selection: keyRange(address.key),
        isIt: (_, about) => about !== undefined && !about.hidden,
        hasManyRows: true,
      };
    case "queue":
      return {
        ...ofScope("sqs", address.queue, (_, about) => about?.type === "messages"),
        hasManyRows: true,
      };
  }
}

function ofScope(adapter: AdapterName, name: Uint8Array, isIt: Place["isIt"]): Place {
  return { adapter, selection: { scopes: [name], bodies: false }, isIt };
}

function objectPlace(bucket: Uint8Array, key: Uint8Array, isIt: Place["isIt"]): Place {
  const selection = { scopes: [bucket], ...keyRange(key) };
  return { adapter: "s3", selection, isIt, hasManyRows: true };
}

/** Where the rows of an item lie. */
async function itemRange(
  parts: Look,
  { table: name, key }: Extract<Address, { kind: "item" }>,
): Promise<RecordSelection | undefined> {
  const context = await lookContext(parts, () => {});
  const stored = await readTable(context, name);
  if (!stored) return undefined;
  const { table } = stored;
  const whole = isTexts(key) ? itemKeyOf(table, key) : key;
  // Unlike the beginning of a key, which is enough for a range, this is refused unless it is whole.
  storedKeys(table, name, whole);
  return keyRange(payloadOf(table, whole));
}

function isTexts(key: ItemKey | readonly string[]): key is readonly string[] {
  return Array.isArray(key);
}

/** Files that hold parts of many records, or are of a table, bucket or queue itself. */
const OF_MANY =
  /^(?:dynamodb\/[^/]+\/_schema\.json|s3\/[^/]+\/(?:_bucket\.json|KEYMAP\.jsonl)|redis\/db_0\/(?:KEYMAP|strings_ttl|hll_ttl)\.jsonl|sqs\/[^/]+\/_queue\.json)$/;

async function placeOfPath(
  parts: Look,
  adapter: AdapterName,
  path: string,
): Promise<Place | undefined> {
  const isIt = (found: string): boolean => found === path;
  if (path.startsWith("_extra/")) return { adapter, selection: { bodies: false }, isIt };
  const { totals } = parts.snapshot.info;
  const folder = path.split("/").slice(0, 2).join("/");
  const selection = new Selection({ paths: [path], allowEmpty: true }, totals);
  const [name] = selection.names[adapter] ?? (adapter === "redis" ? [DATABASE] : []);
  if (OF_MANY.test(path)) {
    return name ? ofScope(adapter, name, isIt) : { adapter, selection: { bodies: false }, isIt };
  }
  const wanted = selection.of(adapter);
  if (adapter !== "s3") {
    return { adapter, selection: wanted, isIt, hasManyRows: adapter !== "dynamodb" };
  }
  // The rows of a body lie apart from its name: only those of this key are to be read.
  const body = path.endsWith(SIDECAR_SUFFIX) ? path.slice(0, -SIDECAR_SUFFIX.length) : path;
  let object: { key: Uint8Array } | undefined;
  await find(parts, {
    adapter,
    selection: { ...wanted, bodies: false },
    isIt(found, about) {
      if (found !== body || !about?.key) return false;
      object = { key: about.key.slice() };
      return true;
    },
  }, () => {});
  const bucket = name ?? bucketOf(parts.snapshot, folder);
  return object && bucket && {
    ...objectPlace(bucket, object.key, isIt),
    hasManyRows: path === body,
  };
}

/** The bucket that has a folder. */
function bucketOf({ info }: Snapshot, folder: string): Uint8Array | undefined {
  return info.totals.find(({ family, scope }) =>
    family.adapter === "s3" && scope && scopeFolder("s3", scope) === folder
  )?.scope;
}

export function nothingThere({ info }: Snapshot, address: Address): DecantError {
  const adapter = adapterOf(address);
  const own = info.totals.flatMap(({ family, scope, live }) =>
    family.adapter === adapter && scope && live > 0 ? [scopeFolder(adapter, scope)] : []
  );
  const folders = [...new Set(own)];
  const asked = textOf(address);
  const [folder] = asked.split("/").slice(0, 2).join("/").split(" with ");
  const near = folders.includes(folder) ? [] : nearest(folder, folders);
  const hint = near.length > 0
    ? `did you mean ${near.join(" or ")}?`
    : folders.includes(folder)
    ? `a list of ${folder} says what there is`
    : folders.length > 0
    ? `there is ${folders.slice(0, 5).join(", ")}`
    : "a list says what there is";
  return nothingFound(info, `there is no ${asked}`, hint);
}

function adapterOf(address: Address): AdapterName {
  const { kind } = address;
  if (kind === "path") return address.adapter;
  return kind === "table" || kind === "item"
    ? "dynamodb"
    : kind === "object" || kind === "bucket"
    ? "s3"
    : kind === "redis"
    ? "redis"
    : "sqs";
}

function textOf(address: Address): string {
  switch (address.kind) {
    case "path":
      return address.path;
    case "table":
      return `dynamodb/${PLAIN.component(address.table)}`;
    case "item":
      return `dynamodb/${PLAIN.component(address.table)} with this key`;
    case "bucket":
      return `s3/${PLAIN.component(address.bucket)}`;
    case "object":
      return `s3/${PLAIN.component(address.bucket)}/${nameText(address.key)}`;
    case "redis":
      return `redis/${nameText(address.key)}`;
    case "queue":
      return `sqs/${PLAIN.component(address.queue)}`;
  }
}
