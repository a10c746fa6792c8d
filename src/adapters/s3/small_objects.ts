/**
 * Objects as most are: small, whole, and in one chunk that the store holds itself. All of such an object
 * is in the rows that are at hand, so it is given without waiting for anything; what is otherwise in any
 * way is left to `objects.ts`.
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import { throwIfAborted, UnsoundError } from "../../errors.ts";
import { rowCommitTs, rowKey, rowValue } from "../../mvcc/row_batch.ts";
import { isPromise, type MaybePromise } from "../../sources/source.ts";
import type { AdapterContext } from "../context.ts";
import { type Outcome, Receipt } from "../receipts.ts";
import { Body, SMALL_BODY } from "./body.ts";
import { isMd5Of, mismatchOf, warnOfEtag } from "./etag.ts";
import type { ObjectRecord } from "./records.ts";
import { type ObjectRows, type SingleChunk, writesVersion0 } from "./rows.ts";
import { type ObjectHead, parseObjectHead, type Part, sizesOf } from "./values.ts";

/** An object, and the one row that has its body. */
interface Found {
  head: ObjectHead;
  chunk: SingleChunk;
}

/** Gives such objects of one bucket and generation, as far as they come one behind the other. */
export class SmallObjects {
  readonly #context: AdapterContext;
  readonly #rows: ObjectRows;
  #found: Found | undefined;
  /** What must be waited for before rows go on. */
  #pending: Promise<void> | undefined;

  /** Over the rows of all objects. */
  constructor(context: AdapterContext, rows: ObjectRows) {
    this.#context = context;
    this.#rows = rows;
  }

  /** Whether the current object is one. */
  isNext(): boolean {
    this.#found = this.#find();
    return this.#found !== undefined;
  }

  /** The current object and those behind it, each of which is booked when the next one is asked for. */
  *take(): Generator<ObjectRecord, void> {
    const { heads } = this.#rows;
    const { bucket, generation } = heads.key!;
    for (let found = this.#found; found; found = this.#find()) {
      const { key } = heads;
      if (key!.generation !== generation || !equalBytes(key!.bucket, bucket)) return;
      throwIfAborted(this.#context.signal);
      const bytes = rowValue(found.chunk.batch, found.chunk.i);
      const { batch, i } = heads;
      const file = this.#context.rows.nameOf(batch.inputs[i]);
      const row = rowKey(batch, i).slice();
      const place = { file, offset: batch.positions[i], key: row };
      const object = row.subarray(row.length - heads.object.length);
      const body = new Body({ context: this.#context, object, size: bytes.length, place, bytes });
      const receipt = new Receipt();
      const headers = found.head;
      yield {
        type: "object",
        bucket,
        generation,
        key: key!.object,
        commitTs: rowCommitTs(batch, i),
        headers,
        body,
        place,
        receipt,
      };
      body.forget();
      const settled = this.#settle(bucket, key!.object, found, bytes, receipt.outcome);
      const moved = isPromise(settled)
        ? settled.then(() => this.#rows.nextSingle())
        : this.#rows.nextSingle();
      if (isPromise(moved)) {
        this.#pending = moved;
        return;
      }
    }
  }

  /** Waits for what the last objects left to be waited for. */
  finish(): Promise<void> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#found = undefined;
    return pending;
  }

  #find(): Found | undefined {
    const chunk = this.#rows.singleChunk();
    if (!chunk) return undefined;
    const { batch, i } = this.#rows.heads;
    const value = rowValue(batch, i);
    if (value.length === 0) return undefined;
    const head = parseObjectHead(value, 0, value.length);
    return typeof head === "object" && isWhole(head, chunk) ? { head, chunk } : undefined;
  }

  #settle(
    bucket: Uint8Array,
    key: Uint8Array,
    { head, chunk }: Found,
    bytes: Uint8Array,
    outcome: Outcome,
  ): MaybePromise<void> {
    if (outcome !== "written") return this.#leave(bucket, chunk, outcome);
    const context = this.#context;
    context.ledger.add("s3", bucket, outcome, 2);
    if (isMd5Of(head.etag, bytes)) return;
    warnOfEtag(context, bucket, key, head.etag, mismatchOf(head.etag, bytes));
  }

  async #leave(
    bucket: Uint8Array,
    { batch, i }: SingleChunk,
    outcome: Exclude<Outcome, "written">,
  ): Promise<void> {
    const isUnsound = outcome instanceof UnsoundError;
    if (isUnsound) this.#context.problem({ error: outcome, adapter: "s3", scope: bucket });
    const fate = isUnsound ? "unsound" : outcome;
    await this.#rows.heads.leave(fate);
    await this.#context.leave(batch, i, fate);
  }
}

/** Whether the chunk is all of the body that the head says. */
function isWhole({ uploadId, size, parts }: ObjectHead, chunk: SingleChunk): boolean {
  if (parts.length !== 1 || uploadId.length === 0 || size > SMALL_BODY) return false;
  const [part] = parts;
  const { key, batch, i } = chunk;
  const { ranges } = batch;
  const length = ranges[i * 4 + 3] - ranges[i * 4 + 2];
  return !part.offloaded && part.chunkCount === 1n && Number(size) === length &&
    (part.chunkSizes.count === 0 || isTheSize(part, length)) &&
    key.chunk === 0n && key.part === part.number && key.version === part.version &&
    equalBytes(key.upload, uploadId) && !writesVersion0(key, batch, i);
}

function isTheSize(part: Part, length: number): boolean {
  return part.chunkSizes.count === 1 && sizesOf(part).next().value === BigInt(length);
}
