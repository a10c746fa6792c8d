/**
 * The fates of pieces that are stored by their digest. Any number of objects can refer to one piece, so
 * nobody knows what becomes of it before all references have been seen. They are sorted by digest, which
 * is the order of the pieces, and walked side by side with them. 49 bytes of scratch space a reference.
 *
 * @module
 */

import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { digestOf, sha256 } from "../../bytes/digest.ts";
import { toHex } from "../../bytes/hex.ts";
import { chunkBlobKey, parseChunkBlobKey } from "../../keyspace/s3_keys.ts";
import { keyRange } from "../../mvcc/key_range.ts";
import { type RowBatch, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { type SortedRecord, type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";
import { parseChunkRef } from "./chunk_ref.ts";

/** What can become of a reference; of several, the first one here decides about the piece. */
const FATES: readonly ("written" | Reason)[] = [
  "written",
  "unsound",
  "incomplete-upload",
  "hidden",
  "stale-generation",
  "deleted",
  "orphan",
];

/** Collects references, then gives all pieces their fates. */
export class ChunkBlobs {
  readonly #context: AdapterContext;
  #sorter: SpillSorter | undefined;

  /** Without references there is nothing in scratch space. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** Notes what became of an object that needs a piece. */
  async refer(digest: Uint8Array, fate: "written" | Reason): Promise<void> {
    this.#sorter ??= new SpillSorter(this.#context.scratch);
    // Whatever else an object was left out for, nobody looks at its pieces.
    const rank = FATES.indexOf(FATES.includes(fate) ? fate : "hidden");
    await this.#sorter.add(digest, Uint8Array.of(rank));
  }

  /** Notes why a reference was left out. */
  async referLeft(batch: RowBatch, i: number, reason: Reason): Promise<void> {
    const { ranges } = batch;
    const ref = parseChunkRef(batch.bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
    if (typeof ref !== "string") await this.refer(ref.digest, reason);
  }

  /**
   * Books the pieces.
   *
   * @param all `false`: only those that are referred to.
   */
  async settle(all: boolean): Promise<void> {
    try {
      const references = new References(await this.#sorter?.sorted());
      await references.next();
      if (all) await this.#settleAll(references);
      else await this.#settleReferred(references);
    } finally {
      this.#sorter?.close();
    }
  }

  /** Walks all pieces. */
  async #settleAll(references: References): Promise<void> {
    for await (const batch of this.#context.scan("s3-chunkblob")) {
      for (let i = 0; i < batch.count; i++) {
        const key = rowKey(batch, i);
        const digest = parseChunkBlobKey(key, 0, key.length);
        if (typeof digest === "string") {
          this.#context.refuse(batch, i, "malformed-key", digest);
          continue;
        }
        // The server asks for digests in small letters only.
        if (!equalBytes(chunkBlobKey(digest), key)) {
          await this.#context.leave(batch, i, "unreachable");
          continue;
        }
        while (references.digest && compareBytes(references.digest, digest) < 0) {
          await references.next();
        }
        const isReferred = references.digest && equalBytes(references.digest, digest);
        await this.#book(batch, i, digest, isReferred ? references.fate : undefined);
      }
    }
  }

  /** Looks up the pieces that are referred to. Of the others, nobody knows whose they are. */
  async #settleReferred(references: References): Promise<void> {
    const context = this.#context;
    let found = 0;
    for (; references.digest; await references.next()) {
      const range = [keyRange(chunkBlobKey(references.digest))];
      let read = 0;
      for await (const batch of context.scanRanges(range)) {
        await this.#book(batch, 0, references.digest, references.fate);
        read++;
      }
      // One that cannot be decrypted has a fate already.
      if (read === 0) { for await (const _ of context.scanRanges(range, false)) read++; }
      found += read;
    }
    context.ledger.add(
      "s3",
      undefined,
      "not-selected",
      context.countOf("s3-chunkblob") - found,
    );
  }

  async #book(
    batch: RowBatch,
    i: number,
    digest: Uint8Array,
    fate: typeof FATES[number] | undefined,
  ): Promise<void> {
    const context = this.#context;
    if (fate === "written") {
      context.ledger.add("s3", undefined, "written", 1);
      return;
    }
    if (equalBytes(digestOf(sha256, rowValue(batch, i)), digest)) {
      await context.leave(batch, i, fate ?? "orphan");
      return;
    }
    context.warn("s3_chunkblob_corrupt", {
      digest: toHex(digest),
      needed: fate === "unsound",
      hint: "the server passes over such a copy and asks another node",
    });
    await context.leave(batch, i, fate === "unsound" ? "unsound" : "hidden");
  }
}

/** References in the order of their digests, all of one digest as one. */
class References {
  /** The current digest; absent before the first and behind the last. */
  digest: Uint8Array | undefined;
  /** What becomes of its piece. */
  fate: typeof FATES[number] | undefined;
  readonly #records: SortedRecords | undefined;
  #ahead: SortedRecord | undefined;

  constructor(records: SortedRecords | undefined) {
    this.#records = records;
  }

  /** Goes to the next digest. */
  async next(): Promise<void> {
    this.#ahead ??= await this.#records?.next();
    this.digest = this.#ahead?.key.slice();
    let rank = FATES.length;
    while (this.#ahead && this.digest && equalBytes(this.#ahead.key, this.digest)) {
      rank = Math.min(rank, this.#ahead.value[0]);
      this.#ahead = await this.#records?.next();
    }
    this.fate = FATES[rank];
  }
}
