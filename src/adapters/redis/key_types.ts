/**
 * Decides what one key is. Rows of several types can be left of a key, and its expiry can be said in
 * several places; the server looks in a fixed order, and so does this.
 *
 * @module
 */

import type { Fate } from "../ledger.ts";
import type { Facts } from "./facts.ts";
import type { BlobType } from "./messages.ts";
import { COLLECTION_TYPES, type CollectionType, type RedisType } from "./types.ts";

/** A key as one type, to be written. */
export interface TypedKey {
  /** The type. */
  type: RedisType;
  /** What holds its contents: its one row, a row without a family, element rows, a legacy row. */
  from: "row" | "bare" | "elements" | "blob";
  /** Whether this is what the server shows; `false` for what an older type left behind. */
  live: boolean;
  /** Unix ms; absent = never. */
  expireAtMs?: bigint;
}

/** What one key is. */
export interface KeyTypes {
  /** The key as each type that there is something of, in the order in which the server looks for them. */
  keys: TypedKey[];
  /** What became of its row in the index of expiry times. */
  index?: Fate;
  /** Names of the types, the live one first, where there are several. */
  conflict?: string[];
  /** The row in the index is older than the collection, which was made anew without an expiry. */
  stale: boolean;
}

interface Candidate {
  type: RedisType;
  from: TypedKey["from"];
  /** There is something to write, and it has not been written yet. */
  shown: boolean;
  /** What it says itself: 0 = never, `undefined` = nothing. */
  inline?: bigint;
}

/**
 * Decides what a key is.
 *
 * @param has Whether element rows of a type exist.
 */
export function keyTypes(facts: Facts, has: (type: CollectionType) => boolean): KeyTypes {
  const candidates = findCandidates(facts, has);
  const live = candidates.at(0);
  const expiry = live && expiryOf(live, facts);
  const keys = candidates.filter(({ shown }) => shown).map((candidate): TypedKey => {
    const ms = candidate === live ? expiry!.ms : candidate.inline || undefined;
    return {
      type: candidate.type,
      from: candidate.from,
      live: candidate === live,
      expireAtMs: ms,
    };
  });
  return {
    keys,
    index: facts.index && indexFate(facts, live, expiry),
    conflict: candidates.length > 1 ? candidates.map(({ type }) => type) : undefined,
    stale: expiry?.stale === true && live?.shown === true,
  };
}

/** What the key could be, in the order in which the server looks. */
function findCandidates(facts: Facts, has: (type: CollectionType) => boolean): Candidate[] {
  const { string, hll, bare, blobs, metas, deltas } = facts;
  const candidates: Candidate[] = [];
  if (string) {
    candidates.push({ type: "string", from: "row", shown: string.row !== undefined });
  }
  if (hll) {
    candidates.push({
      type: "hll",
      from: "row",
      shown: true,
      inline: hll.inline ? hll.expireAtMs : undefined,
    });
  }
  // Beside a string with a prefix this is what the string was before it was changed.
  if (bare && !string && !hll) {
    candidates.push({ type: "string", from: "bare", shown: true });
  }

  const legacy: Candidate[] = [];
  for (const type of COLLECTION_TYPES) {
    const meta = metas[type];
    const elements = has(type);
    const blob = type in blobs && !elements ? blobs[type as BlobType] : undefined;
    const stream = type === "stream";
    // The server finds streams by their meta alone.
    const own = meta !== undefined || deltas[type] !== undefined || (elements && !stream);
    if (!own && !blob) continue;
    const candidate: Candidate = {
      type,
      from: blob ? "blob" : "elements",
      shown: elements || meta !== undefined || blob !== undefined,
      inline: meta?.expireAtMs,
    };
    // Streams and legacy rows are looked for last.
    if (own && !stream) candidates.push(candidate);
    else legacy.push(candidate);
  }
  if (facts.streamBlob && !metas.stream) {
    legacy.push({ type: "stream", from: "blob", shown: false });
  }
  return [...candidates, ...legacy];
}

interface Expiry {
  ms?: bigint;
  fromIndex: boolean;
  stale?: true;
}

/** When the live type expires. */
function expiryOf(live: Candidate, facts: Facts): Expiry {
  const index: Expiry = { ms: facts.index?.expireAtMs, fromIndex: true };
  const inline = (ms: bigint | undefined): Expiry => ({ ms: ms || undefined, fromIndex: false });
  if (live.type === "string") return live.shown ? index : inline(undefined);
  if (live.type === "hll") return live.inline === undefined ? index : inline(live.inline);
  // The first meta of the current size decides, whosever it is.
  for (const type of COLLECTION_TYPES) {
    const ms = facts.metas[type]?.expireAtMs;
    if (ms !== undefined) return inline(ms);
  }
  // A collection that has only deltas was made after the last clean-up: an index row that is older
  // than all of them belongs to what the key was before.
  const type = live.type;
  const deltas = facts.deltas[type];
  if (facts.index && deltas && !facts.metas[type] && facts.index.commitTs < deltas.oldest) {
    return { fromIndex: false, stale: true };
  }
  return index;
}

function indexFate(
  facts: Facts,
  live: Candidate | undefined,
  expiry: Expiry | undefined,
): Fate {
  if (!live) return "unreachable";
  if (expiry?.stale) return "hidden";
  if (!expiry?.fromIndex) return "derivable";
  if (live.shown) return "written";
  return facts.streamBlob ? "hidden" : "operational";
}
