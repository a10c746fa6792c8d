/** Which objects there are, which chunks are without one, and what becomes of each row. @module */

import { equalBytes } from "../../bytes/compare.ts";
import { type Place, UnsoundError } from "../../errors.ts";
import { rowKey, rowValue } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import type { Reason } from "../ledger.ts";
import { Assembly } from "./assembly.ts";
import { type Bucket, type Buckets, hides } from "./scopes.ts";
import type { ChunkBlobs } from "./chunk_blobs.ts";
import { type Manifest, parseManifest } from "./values.ts";
import { type ChunkRow, ObjectRows, type ObjectState } from "./rows.ts";
import type { S3Orphan, StoredObject } from "./records.ts";
import { nameText } from "../../text/name_text.ts";

/**
 * The objects that clients can read and, if wanted, chunks without one. All rows get their fates: those
 * of an object when the next one is asked for.
 *
 * @param pieces Notes what becomes of chunks that are stored by their digest.
 * @param within Only rows whose keys go on with this behind the family's prefix.
 */
export async function* readObjects(
  context: AdapterContext,
  buckets: Buckets,
  pieces: ChunkBlobs,
  within?: Uint8Array,
): AsyncGenerator<StoredObject | S3Orphan> {
  const rows = await ObjectRows.open(context, within);
  try {
    const objects = new Objects(context, rows, pieces);
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
      const hidden = hides(bucket, state.generation);
      if (hidden === "stale-generation") stale++;
      yield* objects.read(state, hidden);
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

/** Decides about one object after the other. */
class Objects {
  readonly #context: AdapterContext;
  readonly #rows: ObjectRows;
  readonly #pieces: ChunkBlobs;

  constructor(context: AdapterContext, rows: ObjectRows, pieces: ChunkBlobs) {
    this.#context = context;
    this.#rows = rows;
    this.#pieces = pieces;
  }

  /** @param hidden Why clients cannot read the object, if they cannot. */
  async *read(
    state: ObjectState,
    hidden: Reason | undefined,
  ): AsyncGenerator<StoredObject | S3Orphan> {
    const manifest = await this.#manifest(state, hidden);
    if (typeof manifest === "object") yield* this.#object(state, manifest);
    else if (manifest === "missing") yield* this.#chunksWithoutObject(state, hidden);
    else await this.leave(state, "unsound");
  }

  /** Leaves out all rows of an object. */
  async leave(state: ObjectState, reason: Reason): Promise<void> {
    const { manifests } = this.#rows;
    if (manifests.isAt(state.bytes)) {
      await manifests.leave(reason);
      await manifests.next();
    }
    for await (const row of this.#rows.chunks(state)) await this.#leaveChunk(row, reason);
  }

  /** What the object's own row says. Unless it says something, the row is done with. */
  async #manifest(
    state: ObjectState,
    hidden: Reason | undefined,
  ): Promise<Manifest | "missing" | "malformed"> {
    const { manifests } = this.#rows;
    if (!manifests.isAt(state.bytes)) return "missing";
    const { batch, i } = manifests;
    const value = rowValue(batch, i);
    if (!hidden && value.length > 0) {
      const manifest = parseManifest(value, 0, value.length);
      if (typeof manifest === "object") return manifest;
      this.#context.refuse(batch, i, "malformed-value", manifest);
      await manifests.next();
      return "malformed";
    }
    if (!hidden) {
      // To the server, an empty row is none.
      const { bucket, object } = state;
      this.#context.warn("s3_empty_value", { bucket: nameText(bucket), object: nameText(object) });
    }
    await manifests.leave(hidden ?? "deleted");
    await manifests.next();
    return "missing";
  }

  async *#object(state: ObjectState, manifest: Manifest): AsyncGenerator<StoredObject> {
    const { manifests } = this.#rows;
    const assembly = new Assembly(this.#context, manifest);
    for await (const row of this.#rows.chunks(state)) {
      const { rows, key, offloaded, upload } = row;
      const slot = assembly.slotOf(key, offloaded);
      if (!slot) {
        const other = !equalBytes(upload.id, manifest.uploadId);
        const inProgress = other && await this.#rows.isInProgress(state, upload);
        await this.#leaveChunk(row, inProgress ? "incomplete-upload" : "hidden");
      } else if (offloaded) await assembly.addReference(slot, key, rows.batch, rows.i);
      else assembly.addInline(slot, key, rows.batch, rows.i);
    }
    const body = assembly.finish();
    const place: Place = {
      file: this.#context.rows.nameOf(manifests.batch.inputs[manifests.i]),
      offset: manifests.batch.positions[manifests.i],
      key: rowKey(manifests.batch, manifests.i).slice(),
    };
    if (body) {
      const { uploadId: _, size: _size, parts: _parts, ...headers } = manifest;
      const { bucket, generation, object: key } = state;
      const object: StoredObject = {
        type: "object",
        bucket,
        generation,
        key,
        headers,
        body,
        place,
      };
      yield object;
      await this.#settle(state, assembly, object.problem);
    } else {
      const error = new UnsoundError("incomplete-object", assembly.fault!, {
        ...place,
        hint: "take another replica's snapshot, or give several: they are read as one",
      });
      await this.#settle(state, assembly, error);
    }
    await manifests.next();
  }

  /** Books the rows of an object. */
  async #settle(
    { bucket }: ObjectState,
    { chunks }: Assembly,
    error: UnsoundError | undefined,
  ): Promise<void> {
    const context = this.#context;
    let used = 0;
    for (let n = 0; n < chunks.count; n++) {
      const isUsed = chunks.isUsed(n);
      if (isUsed) used++;
      const digest = chunks.digest(n);
      if (digest) {
        await this.#pieces.refer(digest, error ? "unsound" : isUsed ? "written" : "hidden");
      }
    }
    if (error) {
      context.problem({ error, adapter: "s3", scope: bucket });
      await this.#rows.manifests.leave("unsound");
      for (let n = 0; n < chunks.count; n++) {
        await context.leavePassed(chunks.handle(n), "s3", bucket, "unsound");
      }
    } else {
      context.ledger.add("s3", bucket, "written", 1 + used);
      context.ledger.add("s3", bucket, "hidden", chunks.count - used);
    }
  }

  async *#chunksWithoutObject(
    state: ObjectState,
    hidden: Reason | undefined,
  ): AsyncGenerator<S3Orphan> {
    const { options, ledger } = this.#context;
    const { bucket, generation, object: key } = state;
    let chunks = 0;
    let references = 0;
    for await (const row of this.#rows.chunks(state)) {
      const { rows, offloaded, upload } = row;
      if (options.includeOrphans && !offloaded) {
        const { part, chunk, version } = row.key;
        const name = { bucket, generation, key, upload: upload.id, part, chunk, version };
        const orphan: S3Orphan = { type: "orphan", ...name, data: rowValue(rows.batch, rows.i) };
        yield orphan;
        if (!orphan.refused) {
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
    if (offloaded) await this.#pieces.referLeft(rows.batch, rows.i, reason);
    await rows.leave(reason);
  }
}
