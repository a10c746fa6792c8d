/** Reads all rows that are facts about keys. @module */

import { classify, FAMILY, type FamilyId } from "../../keyspace/families.ts";
import { rowCommitTs } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import type { FactSorter } from "./facts.ts";
import { blobDefect, type BlobType, countStreamEntries } from "./messages.ts";
import { bareRowsOf, rowsOf, type WantedNames } from "./name_ranges.ts";
import { RedisRow } from "./rows.ts";
import { DATABASE } from "./scopes.ts";
import { COLLECTION_TYPES, COLLECTIONS, type CollectionType } from "./types.ts";
import {
  deltaSize,
  expiryAt,
  INDEX_SIZE,
  metaDefect,
  preambleExpiry,
  preambleSize,
} from "./values.ts";

/** Reads every fact but those of strings. Gives deltas, and what is never shown, their fate. */
export async function gatherFacts(
  context: AdapterContext,
  names: WantedNames,
  facts: FactSorter,
): Promise<void> {
  const gathering: Gathering = { context, names, facts };
  for (const type of COLLECTION_TYPES) await gatherMetas(gathering, type);
  for (const type of ["hash", "set", "zset"] as const) await gatherBlobs(gathering, type);
  await gatherStreamBlobs(gathering);
  await gatherHlls(gathering);
  await gatherIndex(gathering);
  if (context.options.redisBareStrings) await gatherBare(gathering);
}

interface Gathering {
  readonly context: AdapterContext;
  readonly names: WantedNames;
  readonly facts: FactSorter;
}

/** Calls `take` for each row of a family whose key is sound and has a wanted name. */
async function forEach(
  { context, names }: Gathering,
  family: FamilyId,
  take: (row: RedisRow) => MaybePromise<void>,
): Promise<void> {
  const row = new RedisRow();
  for await (const batch of rowsOf(context, family, names)) {
    for (let i = 0; i < batch.count; i++) {
      if (!row.read(context, FAMILY[family], batch, i)) continue;
      if (!names.has(row.bytes, row.nameStart, row.nameEnd)) continue;
      const taken = take(row);
      if (isPromise(taken)) await taken;
    }
  }
}

/** Rows without a family: old strings, or rows of the raw key-value API. Values are not opened. */
async function gatherBare({ context, names, facts }: Gathering): Promise<void> {
  const row = new RedisRow();
  for await (const batch of bareRowsOf(context, names)) {
    for (let i = 0; i < batch.count; i++) {
      row.at(batch, i);
      row.nameStart = batch.ranges[i * 4];
      row.nameEnd = row.keyEnd;
      const added = facts.bare(row);
      if (isPromise(added)) await added;
    }
  }
}

/**
 * Metas and deltas, which lie under one prefix. The name in a list's meta has no length before it, so
 * the meta of a list whose name begins with `d|` looks like a delta: only its size tells.
 */
async function gatherMetas(
  { context, names, facts }: Gathering,
  type: CollectionType,
): Promise<void> {
  const meta = FAMILY[COLLECTIONS[type].meta];
  const delta = COLLECTIONS[type].delta;
  const row = new RedisRow();
  let deltas = 0;
  let malformed = 0;
  for await (const batch of rowsOf(context, meta.id, names)) {
    for (let i = 0; i < batch.count; i++) {
      row.at(batch, i);
      const defect = metaDefect(type, row.bytes, row.start, row.end);
      let added: MaybePromise<void> = undefined;
      if (
        classify(row.bytes, batch.ranges[i * 4], row.keyEnd).id === delta &&
        (type !== "list" || defect !== undefined)
      ) {
        const isMalformed = row.parse(FAMILY[delta]) !== undefined;
        if (!isMalformed && !names.has(row.bytes, row.nameStart, row.nameEnd)) continue;
        deltas++;
        if (isMalformed || row.size !== deltaSize(type)) malformed++;
        else added = facts.delta(row, type);
      } else if (!row.read(context, meta, batch, i)) {
        continue;
      } else if (!names.has(row.bytes, row.nameStart, row.nameEnd)) {
        continue;
      } else if (defect !== undefined) {
        context.refuse(batch, i, "malformed-value", defect);
      } else {
        added = facts.meta(row, type);
      }
      if (isPromise(added)) await added;
    }
  }
  context.ledger.add("redis", DATABASE, "operational", deltas);
  if (malformed > 0) {
    context.warn("redis_malformed_delta", {
      type,
      count: malformed,
      hint: "rows that say how a length changed and cannot be read; contents do not depend on them",
    });
  }
}

function gatherBlobs(gathering: Gathering, type: BlobType): Promise<void> {
  const { context, facts } = gathering;
  return forEach(gathering, `redis-${type}-blob`, (row) => {
    const defect = blobDefect(type, row.bytes, row.start, row.end);
    if (defect === undefined) return facts.blob(row, type);
    context.refuse(row.batch, row.i, "malformed-value", defect);
  });
}

function gatherStreamBlobs(gathering: Gathering): Promise<void> {
  const { context, facts } = gathering;
  return forEach(gathering, "redis-stream-blob", async (row) => {
    context.warn("redis_legacy_stream_blob_dropped", {
      user_key_len: row.nameEnd - row.nameStart,
      entries: countStreamEntries(row.bytes, row.start, row.end),
    });
    await facts.blob(row, "stream");
    await context.leave(row.batch, row.i, "hidden");
  });
}

function gatherHlls(gathering: Gathering): Promise<void> {
  const { context, facts } = gathering;
  return forEach(gathering, "redis-hll", (row) => {
    const size = preambleSize("hll", row.bytes, row.start, row.end);
    if (typeof size === "string") {
      return context.refuse(row.batch, row.i, "malformed-value", size);
    }
    const expireAtMs = preambleExpiry(row.bytes, row.start, size);
    if (expireAtMs === 0n) {
      context.warn("redis_zero_ttl", { user_key_len: row.nameEnd - row.nameStart });
    }
    return facts.hll(row, size === 0, expireAtMs ?? 0n);
  });
}

function gatherIndex(gathering: Gathering): Promise<void> {
  const { context, facts } = gathering;
  return forEach(gathering, "redis-ttl", (row) => {
    if (row.size === INDEX_SIZE) {
      return facts.index(row, expiryAt(row.bytes, row.start), rowCommitTs(row.batch, row.i));
    }
    context.refuse(
      row.batch,
      row.i,
      "malformed-value",
      `a time of expiry has ${INDEX_SIZE} bytes, not ${row.size}`,
    );
  });
}
