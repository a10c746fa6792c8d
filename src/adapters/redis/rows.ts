/** One Redis row at a time, with its key taken apart. @module */

import type { Family } from "../../keyspace/families.ts";
import { parseRedisKey, RedisKey } from "../../keyspace/redis_keys.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";

const NO_BATCH: RowBatch = {
  bytes: new Uint8Array(0),
  count: 0,
  ranges: new Uint32Array(0),
  positions: new Float64Array(0),
  lengths: new Uint32Array(0),
  inputs: new Uint16Array(0),
};

/** A row of a batch; made to be reused. The parts of its key are offsets into `bytes`. */
export class RedisRow extends RedisKey {
  /** The batch that it is in. */
  batch: RowBatch = NO_BATCH;
  /** Its place in the batch. */
  i = 0;
  /** The bytes of that batch. */
  bytes: Uint8Array = NO_BATCH.bytes;
  /** Where its key ends. */
  keyEnd = 0;
  /** Where its value begins. */
  start = 0;
  /** … and ends. */
  end = 0;

  /** Goes to row `i`. */
  at(batch: RowBatch, i: number): void {
    const { bytes, ranges } = batch;
    this.batch = batch;
    this.i = i;
    this.bytes = bytes;
    this.keyEnd = ranges[i * 4 + 1];
    this.start = ranges[i * 4 + 2];
    this.end = ranges[i * 4 + 3];
  }

  /** Takes the key apart by the rules of a family; returns what is wrong with it. */
  parse(family: Family): string | undefined {
    return parseRedisKey(family, this.bytes, this.batch.ranges[this.i * 4], this.keyEnd, this);
  }

  /** The same for row `i`, which is refused if anything is wrong; returns whether nothing was. */
  read(context: AdapterContext, family: Family, batch: RowBatch, i: number): boolean {
    this.at(batch, i);
    const defect = this.parse(family);
    if (defect === undefined) return true;
    context.refuse(batch, i, "malformed-key", defect);
    return false;
  }

  /** The name in the key, with bytes of its own. */
  name(): Uint8Array {
    return this.bytes.slice(this.nameStart, this.nameEnd);
  }

  /** Bytes of the value. */
  get size(): number {
    return this.end - this.start;
  }
}
