/**
 * The items of one list. The names of lists have no length before them, so that items of other lists,
 * whose names go on where this one ends, lie between the items of this one:
 *
 * ```text
 * q ‖ 7F FF FF FF FF FF FF FF          item -1 of q
 * q ‖ 3A 66 61 69 6C 65 64 80 ‖ …      item 0 of q:failed, and all behind it: before item -1 of q
 * ```
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import { redisKey, SEQUENCE_SIZE } from "../../keyspace/redis_keys.ts";
import { type KeyRange, keyRange } from "../../mvcc/key_range.ts";
import { type RowBatch, rowKey } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";

const FIRST = new Uint8Array(SEQUENCE_SIZE);
const LAST = new Uint8Array(SEQUENCE_SIZE).fill(0xff);

/**
 * The rows of a list's items, in stored order. Others may come between them, but where there are more of
 * these than a batch has, the others are leapt over.
 *
 * @param first Place of the first item; any unless given.
 * @param last Place of the last one.
 */
export async function* listItems(
  context: AdapterContext,
  name: Uint8Array,
  first: Uint8Array = FIRST,
  last: Uint8Array = LAST,
): AsyncGenerator<RowBatch> {
  const key = redisKey("list-item", name, { fixed: first });
  const { to } = keyRange(redisKey("list-item", name, { fixed: last }));
  let own: Uint8Array | undefined;
  for (let from: Uint8Array | undefined = key; from;) {
    const range: KeyRange = { from, to };
    from = undefined;
    for await (const batch of context.scanRanges([range])) {
      const found = lastOfLength(batch, key.length);
      own = found ?? own;
      yield batch;
      const last = rowKey(batch, batch.count - 1);
      if (found || last.length < key.length) continue;
      from = last.slice(0, key.length);
      break;
    }
    if (!from) return;
    // All that begins like that key is passed over. It can be the key of an item, behind them.
    if (!own || !equalBytes(own, from)) yield* context.scanRanges([keyRange(from)]);
    from = next(from);
  }
}

/** The last key of the batch that has so many bytes, as a copy. */
function lastOfLength(batch: RowBatch, length: number): Uint8Array | undefined {
  for (let i = batch.count - 1; i >= 0; i--) {
    if (batch.ranges[i * 4 + 1] - batch.ranges[i * 4] === length) return rowKey(batch, i).slice();
  }
  return undefined;
}

/** The key of the next place; `undefined` behind the last one. */
function next(key: Uint8Array): Uint8Array | undefined {
  for (let i = key.length - 1; i >= key.length - SEQUENCE_SIZE; i--) {
    key[i]++;
    if (key[i] !== 0) return key;
  }
  return undefined;
}
