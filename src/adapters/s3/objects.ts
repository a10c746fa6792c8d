/** Which objects there are, which chunks are without one, and what becomes of each row. @module */

import { equalBytes } from "../../bytes/compare.ts";
import { type Place, UnsoundError } from "../../errors.ts";
import { rowCommitTs, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { nameText } from "../../text/name_text.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";
import { type Outcome, Receipt } from "../receipts.ts";
import { Body, SMALL_BODY } from "./body.ts";
import { BodyWalk } from "./body_walk.ts";
import type { ChunkBlobs } from "./chunk_blobs.ts";
import { ChunkTable } from "./chunk_table.ts";
import { warnOfEtag } from "./etag.ts";
import type { Within } from "./keyed_rows.ts";
import type { ObjectRecord, ObjectsRecord, OrphanRecord } from "./records.ts";
import { type ChunkRow, ObjectRows, type ObjectState } from "./rows.ts";
import { type Bucket, type Buckets, hides } from "./scopes.ts";
import { SmallObjects } from "./small_objects.ts";
import { type ObjectHead, parseObjectHead } from "./values.ts";
import type { WantedObjects } from "./wanted_objects.ts";

/** What is read of objects. */
export interface ObjectsWanted {
  /** Only rows with such keys; all that the context wants unless given. */
  within?: Within;
  /** Notes what becomes of chunks that are stored by their digest. Without it no chunks are looked at. */
  pieces?: ChunkBlobs;
  /** Which objects are wanted; all are unless given. */
  wanted?: WantedObjects;
}

/**
 * The objects that clients can read and, if wanted, chunks without one. All rows that are looked at get
 * their fates: those of an object when the next one is asked for.
 */
export async function* readObjects(
  context: AdapterContext,
  buckets: Buckets,
  { within, pieces, wanted }: ObjectsWanted,
): AsyncGenerator<ObjectRecord | ObjectsRecord | OrphanRecord> {
  const rows = await ObjectRows.open(context, within, pieces !== undefined);
  try {
    const objects = new Objects(context, rows, pieces);
    // Of a few that are wanted, each is asked for.
    const small = pieces && !wanted ? new SmallObjects(context, rows) : undefined;
    let bucket: Bucket | undefined;
    let name: Uint8Array = new Uint8Array(0);
    let stale = 0;
    for (let state = rows.next(); state; state = rows.next()) {
      if (!bucket || !equalBytes(name, state.bucket)) {
        warnOfStale(context, bucket, stale);
        stale = 0;
        name = state.bucket;
        bucket = await buckets.of(name);
      }
      let hidden = hides(bucket, state.generation);
      if (hidden === "stale-generation") stale++;
      if (!hidden && wanted && !await wanted.has(state, objects.isThere(state))) {
        hidden = "not-selected";
      }
      if (!hidden && small?.isNext()) {
        yield { type: "objects", objects: small.take() };
        const left = small.finish();
        if (left) await left;
      } else yield* objects.read(state, hidden);
    }
    warnOfStale(context, bucket, stale);
  } finally {
    await rows.close();
  }
}

function warnOfStale(context: AdapterContext, bucket: Bucket | undefined, count: number): void {
  if (!bucket || count === 0) return;
  context.warn("s3_stale_generation_objects", {
    bucket: nameText(bucket.label),
    active_generation: bucket.active!,
    stale_count: count,
    hint: "clients cannot read what is left of earlier buckets of that name",
  });
}

/** The memory for so many chunks of an object is used again for the next one. */
const FEW_CHUNKS = 1000;

/** Decides about one object after the other. */
class Objects {
  #chunks = new ChunkTable();
  readonly #context: AdapterContext;
  readonly #rows: ObjectRows;
  readonly #pieces: ChunkBlobs | undefined;

  constructor(context: AdapterContext, rows: ObjectRows, pieces: ChunkBlobs | undefined) {
    this.#context = context;
    this.#rows = rows;
    this.#pieces = pieces;
  }

  /** Whether there is an object, and not only what is left of one. To the server, an empty row is none. */
  isThere({ bytes }: ObjectState): boolean {
    const { heads } = this.#rows;
    return heads.isAt(bytes) && rowValue(heads.batch, heads.i).length > 0;
  }

  /** @param hidden Why clients cannot read the object, or it is not wanted, if so. */
  async *read(
    state: ObjectState,
    hidden: Reason | undefined,
  ): AsyncGenerator<ObjectRecord | OrphanRecord> {
    const head = await this.#head(state, hidden);
    if (typeof head === "object") yield* this.#object(state, head);
    else if (head === "missing") yield* this.#chunksWithoutObject(state, hidden);
    else {
      const chunks = this.#rows.chunks(state);
      for (let row = await chunks.next(); row; row = await chunks.next()) {
        await this.#leaveChunk(row, "unsound");
      }
    }
  }

  /** What the object's own row says. Unless it says something, the row is done with. */
  async #head(
    state: ObjectState,
    hidden: Reason | undefined,
  ): Promise<ObjectHead | "missing" | "malformed"> {
    const { heads } = this.#rows;
    if (!heads.isAt(state.bytes)) return "missing";
    const { batch, i } = heads;
    const value = rowValue(batch, i);
    if (!hidden && value.length > 0) {
      const head = parseObjectHead(value, 0, value.length);
      if (typeof head === "object") return head;
      this.#context.refuse(batch, i, "malformed-value", head);
      await heads.next();
      return "malformed";
    }
    if (!hidden) {
      // To the server, an empty row is none.
      const { bucket, object } = state;
      this.#context.warn("s3_empty_value", { bucket: nameText(bucket), object: nameText(object) });
    }
    await heads.leave(hidden ?? "deleted");
    await heads.next();
    return "missing";
  }

  async *#object(state: ObjectState, head: ObjectHead): AsyncGenerator<ObjectRecord> {
    const { heads } = this.#rows;
    const { uploadId: _, size, parts: _parts, ...headers } = head;
    const { bucket, generation, object: key } = state;
    const place = this.#place();
    const commitTs = rowCommitTs(heads.batch, heads.i);
    const receipt = new Receipt();
    const walk = this.#pieces && new BodyWalk({
      context: this.#context,
      rows: this.#rows.chunks(state),
      head,
      place,
      leave: (row) => this.#leaveOther(state, head, row),
      chunks: this.#chunks,
      checksEtag: true,
    });
    const bytes = size <= SMALL_BODY ? await walk?.take(Number(size)) : undefined;
    const body = new Body({
      context: this.#context,
      object: state.bytes,
      size: Number(size),
      place,
      walk,
      bytes,
    });
    try {
      yield { type: "object", bucket, generation, key, commitTs, headers, body, place, receipt };
    } finally {
      if (walk) walk.begun = true;
    }
    await walk?.finish();
    await this.#settle(state, head, walk, receipt.outcome);
    if (this.#chunks.count > FEW_CHUNKS) this.#chunks = new ChunkTable();
    else this.#chunks.clear();
    await heads.next();
  }

  /** Where the current object's row is. */
  #place(): Place {
    const { batch, i } = this.#rows.heads;
    return {
      file: this.#context.rows.nameOf(batch.inputs[i]),
      offset: batch.positions[i],
      key: rowKey(batch, i).slice(),
    };
  }

  /** Leaves out a chunk that is none of the object's. */
  async #leaveOther(state: ObjectState, head: ObjectHead, row: ChunkRow): Promise<void> {
    const isOther = !equalBytes(row.upload.id, head.uploadId);
    const inProgress = isOther && await this.#rows.isInProgress(state, row.upload);
    await this.#leaveChunk(row, inProgress ? "incomplete-upload" : "hidden");
  }

  /** Books the rows of an object. A body that is not whole was not written, whatever was said. */
  async #settle(
    { bucket, object }: ObjectState,
    { etag }: ObjectHead,
    walk: BodyWalk | undefined,
    said: Outcome,
  ): Promise<void> {
    const context = this.#context;
    const outcome = walk?.error ?? said;
    const error = outcome instanceof UnsoundError ? outcome : undefined;
    if (error) context.problem({ error, adapter: "s3", scope: bucket });
    const fate = outcome instanceof UnsoundError ? "unsound" : outcome;
    if (fate === "written") {
      context.ledger.add("s3", bucket, fate, 1);
      warnOfEtag(context, bucket, object, etag, walk?.mismatch);
    } else await this.#rows.heads.leave(fate);
    if (walk) await this.#settleChunks(bucket, walk, fate);
  }

  async #settleChunks(
    bucket: Uint8Array,
    { chunks }: BodyWalk,
    fate: "written" | Reason,
  ): Promise<void> {
    const context = this.#context;
    for (let n = 0; n < chunks.count; n++) {
      const own = fate === "written" && !chunks.isUsed(n) ? "hidden" : fate;
      const digest = chunks.digest(n);
      if (digest) await this.#pieces!.refer(digest, own);
      if (own === "written") context.ledger.add("s3", bucket, own, 1);
      else await context.leavePassed(chunks.handle(n), "s3", bucket, own);
    }
  }

  async *#chunksWithoutObject(
    state: ObjectState,
    hidden: Reason | undefined,
  ): AsyncGenerator<OrphanRecord> {
    const { options, ledger } = this.#context;
    const { bucket, generation, object: key } = state;
    let chunks = 0;
    let references = 0;
    const all = this.#rows.chunks(state);
    for (let row = await all.next(); row; row = await all.next()) {
      const { rows, offloaded, upload } = row;
      if (options.includeOrphans && !offloaded && hidden !== "not-selected") {
        const { part, chunk, version } = row.key;
        const name = { bucket, generation, key, upload: upload.id, part, chunk, version };
        const receipt = new Receipt();
        yield { type: "orphan", ...name, data: rowValue(rows.batch, rows.i), receipt };
        if (receipt.outcome === "written") {
          ledger.add("s3", bucket, "written", 1);
          chunks++;
          continue;
        }
      }
      const inProgress = !hidden && await this.#rows.isInProgress(state, upload);
      const reason = hidden ?? (inProgress ? "incomplete-upload" : "orphan");
      if (reason === "orphan" && offloaded) references++;
      else if (reason === "orphan") chunks++;
      await this.#leaveChunk(row, reason);
    }
    if (chunks + references === 0) return;
    this.#context.warn("s3_orphan_chunks", {
      bucket: nameText(bucket),
      object: nameText(key),
      chunks,
      hint: "there are chunks and no object that they belong to",
    });
  }

  async #leaveChunk({ rows, offloaded }: ChunkRow, reason: Reason): Promise<void> {
    if (offloaded) await this.#pieces!.referLeft(rows.batch, rows.i, reason);
    await rows.leave(reason);
  }
}
