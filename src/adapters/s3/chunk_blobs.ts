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
import { FAMILY } from "../../keyspace/families.ts";
import { chunkBlobKey, parseChunkBlobKey } from "../../keyspace/s3_keys.ts";
import { type RowBatch, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { type SortedRecord, SpillSorter } from "../../sources/spill_sorter.ts";
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
  /** Whether there were references that were not looked at. */
  #unseen = false;

  /** Without references there is nothing in scratch space. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** Notes what became of an object that needs a piece. */
  async refer(digest: Uint8Array, fate: "written" | Reason): Promise<void> {
    this.#sorter ??= new SpillSorter(this.#context.scratch);
    await this.#sorter.add(digest, Uint8Array.of(FATES.indexOf(fate)));
  }

  /** Notes why a reference was left out. */
  async referLeft(batch: RowBatch, i: number, reason: Reason): Promise<void> {
    if (reason === "not-selected") {
      this.#unseen = true;
      return;
    }
    const { ranges } = batch;
    const ref = parseChunkRef(batch.bytes, ranges[i * 4 + 2], ranges[i * 4 + 3]);
    if (typeof ref !== "string") await this.refer(ref.digest, reason);
  }

  /** Books all pieces. */
  async settle(): Promise<void> {
    const records = await this.#sorter?.sorted();
    let next: SortedRecord | undefined = await records?.next();
    for await (const batch of this.#context.scan(FAMILY["s3-chunkblob"].bytes)) {
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
        let rank = FATES.length;
        for (; next; next = await records!.next()) {
          const order = compareBytes(next.key, digest);
          if (order > 0) break;
          if (order === 0) rank = Math.min(rank, next.value[0]);
        }
        await this.#book(batch, i, digest, FATES[rank]);
      }
    }
    this.#sorter?.close();
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
      await context.leave(batch, i, fate ?? (this.#unseen ? "not-selected" : "orphan"));
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
