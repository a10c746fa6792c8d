/** Reads all rows that are facts about keys. @module */

import { classify, FAMILY, type FamilyId, familyRanges } from "../../keyspace/families.ts";
import { rowCommitTs } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import type { FactSorter } from "./facts.ts";
import { blobDefect, type BlobType, countStreamEntries } from "./messages.ts";
import { RedisRow } from "./rows.ts";
import { COLLECTION_TYPES, COLLECTIONS, type CollectionType, DATABASE } from "./types.ts";
import { deltaSize, expiryAt, INDEX_SIZE, metaDefect, readEnvelope } from "./values.ts";

/** Reads every fact but those of strings. Gives deltas, and what is never shown, their fate. */
export async function gatherFacts(context: AdapterContext, facts: FactSorter): Promise<void> {
  for (const type of COLLECTION_TYPES) await gatherMetas(context, facts, type);
  for (const type of ["hash", "set", "zset"] as const) await gatherBlobs(context, facts, type);
  await gatherStreamBlobs(context, facts);
  await gatherHlls(context, facts);
  await gatherIndex(context, facts);
  if (context.options.redisBareStrings) await forEachBare(context, (row) => facts.bare(row));
}

/** Calls `take` for each row of a family whose key is sound. */
async function forEach(
  context: AdapterContext,
  family: FamilyId,
  take: (row: RedisRow) => MaybePromise<void>,
): Promise<void> {
  const row = new RedisRow();
  for await (const batch of context.scan(family)) {
    for (let i = 0; i < batch.count; i++) {
      if (!row.read(context, FAMILY[family], batch, i)) continue;
      const taken = take(row);
      if (isPromise(taken)) await taken;
    }
  }
}

/**
 * Calls `take` for each row without a family: old Redis strings, or rows of the raw key-value API.
 * Values are not opened.
 */
async function forEachBare(
  context: AdapterContext,
  take: (row: RedisRow) => MaybePromise<void>,
): Promise<void> {
  const row = new RedisRow();
  for await (const batch of context.scanRanges(familyRanges(FAMILY.bare), false)) {
    for (let i = 0; i < batch.count; i++) {
      row.at(batch, i);
      row.nameStart = batch.ranges[i * 4];
      row.nameEnd = row.keyEnd;
      const taken = take(row);
      if (isPromise(taken)) await taken;
    }
  }
}

/**
 * Metas and deltas, which lie under one prefix. The name in a list's meta has no length before it, so
 * the meta of a list whose name begins with `d|` looks like a delta: only its size tells.
 */
async function gatherMetas(
  context: AdapterContext,
  facts: FactSorter,
  type: CollectionType,
): Promise<void> {
  const meta = FAMILY[COLLECTIONS[type].meta];
  const delta = COLLECTIONS[type].delta;
  const row = new RedisRow();
  let deltas = 0;
  let malformed = 0;
  for await (const batch of context.scan(meta.id)) {
    for (let i = 0; i < batch.count; i++) {
      row.at(batch, i);
      const defect = metaDefect(type, row.bytes, row.start, row.end);
      let added: MaybePromise<void> = undefined;
      if (
        classify(row.bytes, batch.ranges[i * 4], row.keyEnd).id === delta &&
        (type !== "list" || defect !== undefined)
      ) {
        deltas++;
        if (row.size !== deltaSize(type) || row.parse(FAMILY[delta]) !== undefined) malformed++;
        else added = facts.delta(row, type);
      } else if (!row.read(context, meta, batch, i)) {
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

function gatherBlobs(context: AdapterContext, facts: FactSorter, type: BlobType): Promise<void> {
  return forEach(context, `redis-${type}-blob`, (row) => {
    const defect = blobDefect(type, row.bytes, row.start, row.end);
    if (defect === undefined) return facts.blob(row, type);
    context.refuse(row.batch, row.i, "malformed-value", defect);
  });
}

function gatherStreamBlobs(context: AdapterContext, facts: FactSorter): Promise<void> {
  return forEach(context, "redis-stream-blob", async (row) => {
    context.warn("redis_legacy_stream_blob_dropped", {
      user_key_len: row.nameEnd - row.nameStart,
      entries: countStreamEntries(row.bytes, row.start, row.end),
    });
    await facts.blob(row, "stream");
    await context.leave(row.batch, row.i, "hidden");
  });
}

function gatherHlls(context: AdapterContext, facts: FactSorter): Promise<void> {
  return forEach(context, "redis-hll", (row) => {
    const envelope = readEnvelope("hll", row.bytes, row.start, row.end);
    if (typeof envelope === "string") {
      return context.refuse(row.batch, row.i, "malformed-value", envelope);
    }
    if (envelope.expireAtMs === 0n) {
      context.warn("redis_zero_ttl", { user_key_len: row.nameEnd - row.nameStart });
    }
    return facts.hll(row, envelope);
  });
}

function gatherIndex(context: AdapterContext, facts: FactSorter): Promise<void> {
  return forEach(context, "redis-ttl", (row) => {
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
