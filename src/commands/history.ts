/** The history of one record: what it was after each commit that changed it. @module */

import type { ItemKey } from "../adapters/dynamodb/keys.ts";
import { readTable } from "../adapters/dynamodb/scopes.ts";
import { throwIfAborted } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { TIMESTAMP_LENGTH, Verdict } from "../mvcc/resolver.ts";
import { u64be } from "../bytes/integers.ts";
import { ByteBuilder } from "../bytes/builder.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import { SIDECAR_SUFFIX } from "../tree/object_files.ts";
import type { Address } from "./address.ts";
import { find, nothingThere, type Place, placeOf } from "./cat.ts";
import { type Look, lookContext, type RunOptions } from "./look.ts";
import { nothingFound } from "./nothing_found.ts";
import { recordRows } from "./record_rows.ts";
import { scopeFolder } from "./scope_paths.ts";

/** What a record was from one commit on. */
export interface RecordVersion {
  /** The commit. */
  commitTs: bigint;
  /** The bytes that a decode at that moment writes; absent where no client saw such a record. */
  bytes?: Uint8Array;
}

/**
 * The retained versions of a record, newest first: what a decode at each of these commits writes for it.
 * Without bytes it was deleted. Of an object these are its headers, of a queue its
 * attributes, of a key of Redis all of the value. Up to the moment that the snapshot was opened at.
 *
 * Commit times of its rows are kept, 16 bytes each; each version is read when it is asked for.
 *
 * @param scratch For what does not fit in memory; 64 MiB of memory unless given.
 * @throws {NothingSelectedError} when nothing is retained of such a record.
 * @throws {UsageError} when the address cannot be that of a record.
 * @throws {UnsoundError} at a version that is damaged.
 */
export async function* recordHistory(
  snapshot: Snapshot,
  given: Address,
  options: RunOptions = {},
  scratch: Scratch = new MemoryScratch(),
): AsyncGenerator<RecordVersion> {
  const now: Look = { snapshot, scratch, options };
  const address = await addressOf(now, given);
  const times = await commitTimes(now, address);
  if (times.length === 0) throw nothingThere(snapshot, address);
  // What is gone now may have been there.
  const totals = snapshot.info.totals.map((one) => ({ ...one, live: one.versions }));
  for (const commitTs of times) {
    throwIfAborted(options.signal);
    const parts: Look = { ...now, view: { rows: snapshot.before(commitTs), totals } };
    yield { commitTs, bytes: await bytesOf(parts, address) };
  }
}

/** The record's bytes at the moment of a look. */
async function bytesOf(parts: Look, address: Address): Promise<Uint8Array | undefined> {
  const place = await documentPlace(parts, address);
  if (!place) return undefined;
  const bytes = new ByteBuilder();
  const found = await find(parts, place, (some) => void bytes.append(some));
  return found && bytes.take();
}

/** Where the document of a record is. */
async function documentPlace(parts: Look, address: Address): Promise<Place | undefined> {
  switch (address.kind) {
    case "object": {
      const place = (await placeOf(parts, address))!;
      const isIt = (path: string): boolean =>
        path.startsWith(`${scopeFolder("s3", address.bucket)}/`) && path.endsWith(SIDECAR_SUFFIX);
      return { ...place, selection: { ...place.selection, bodies: false }, isIt };
    }
    case "queue": {
      const path = `${scopeFolder("sqs", address.queue)}/_queue.json`;
      return await placeOf(parts, { kind: "path", adapter: "sqs", path });
    }
    default:
      return await placeOf(parts, address);
  }
}

/** The commits by which a record was changed, newest first, each once. */
async function commitTimes(parts: Look, address: Address): Promise<bigint[]> {
  const { snapshot, options } = parts;
  const rows = await recordRows(parts, address);
  const at = snapshot.info.at;
  const times = new Set<bigint>();
  for (const range of rows?.ranges ?? []) {
    for await (const resolved of snapshot.versions(range, options)) {
      const { batch: { bytes, ranges }, from, to, verdicts, isWanted } = resolved;
      for (let i = from; i < to; i++) {
        const end = ranges[i * 4 + 1] - TIMESTAMP_LENGTH;
        if (verdicts[i] === Verdict.SYSTEM || !isWanted(ranges[i * 4], end)) continue;
        if (!rows!.has(bytes, ranges[i * 4], end)) continue;
        const ts = BigInt.asUintN(64, ~u64be(bytes, end));
        if (at === undefined || ts <= at) times.add(ts);
      }
    }
  }
  return [...times].sort((a, b) => a < b ? 1 : -1);
}

/** Paths of single records are those of their addresses. */
async function addressOf(parts: Look, address: Address): Promise<Address> {
  if (address.kind !== "path") return address;
  const { adapter, path } = address;
  const [, folder] = path.split("/");
  const scope = parts.snapshot.info.totals.find(({ family, scope }) =>
    family.adapter === adapter && scope && scopeFolder(adapter, scope) === `${adapter}/${folder}`
  )?.scope;
  if (scope) {
    // Keys of objects can be called like these files.
    switch (path.slice(adapter.length + folder.length + 2)) {
      case "_schema.json":
        if (adapter === "dynamodb") return { kind: "table", table: scope };
        break;
      case "_queue.json":
        if (adapter === "sqs") return { kind: "queue", queue: scope };
        break;
      case "_bucket.json":
        if (adapter === "s3") return { kind: "bucket", bucket: scope };
    }
    const item = adapter === "dynamodb" && await itemAt(parts, address, scope);
    if (item) return { kind: "item", table: scope, key: item };
    const key = await keyAt(parts, address);
    if (key && adapter === "s3") return { kind: "object", bucket: scope, key };
    if (key && adapter === "redis") return { kind: "redis", key };
  }
  throw nothingFound(
    parts.snapshot.info,
    `there is no ${path} now whose history could be told`,
    "give the address that clients use, as in dynamodb/orders/17 or s3://bucket/key",
  );
}

/** The key of the item that has a path now: its key attributes, as they stand in its file. */
async function itemAt(
  parts: Look,
  address: Extract<Address, { kind: "path" }>,
  name: Uint8Array,
): Promise<ItemKey | undefined> {
  const place = await placeOf(parts, address);
  const json = new ByteBuilder();
  const found = place && await find(parts, place, (some) => void json.append(some));
  const stored = await readTable(await lookContext(parts, () => {}), name);
  if (found?.about?.type !== "item" || !stored) return undefined;
  const { hash, range } = stored.table;
  const item = JSON.parse(decodeUtf8(json.view())!);
  const names = [hash, ...range ? [range] : []].map((attribute) => decodeUtf8(attribute.name)!);
  return Object.fromEntries(names.map((attribute) => [attribute, item[attribute]]));
}

/** The key of the record that has a path now. */
async function keyAt(
  parts: Look,
  address: Extract<Address, { kind: "path" }>,
): Promise<Uint8Array | undefined> {
  const body = address.path.endsWith(SIDECAR_SUFFIX)
    ? address.path.slice(0, -SIDECAR_SUFFIX.length)
    : address.path;
  const place = await placeOf(parts, { ...address, path: body });
  if (!place) return undefined;
  const found = await find(
    parts,
    { ...place, selection: { ...place.selection, bodies: false } },
    () => {},
  );
  return found?.about?.key;
}
