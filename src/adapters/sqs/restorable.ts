/**
 * Which queues and messages elastickv's own encoder takes. It refuses a queue whose settings the server
 * would not accept today, and puts it where its document says: one whose row names another queue would
 * come back as that one. In a partitioned queue, it refuses messages that do not lie in the partition of
 * their group, and anywhere those whose rows would be too long.
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import { fitsEscaped, LONGEST_KEY } from "../longest_row.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { StoredQueue } from "./queue_value.ts";
import type { MessagesRecord } from "./records.ts";
import { MESSAGE_MEMBERS, MessageValue } from "./message_value.ts";

const LIMITS: readonly string[] = ["", "perMessageGroupId", "perQueue"];
const DEDUPLICATION_SCOPES: readonly string[] = ["", "messageGroup", "queue"];
const MOST_PARTITIONS = 32;
const GROUP = MESSAGE_MEMBERS.indexOf("message_group_id");
const DEDUPLICATION_ID = MESSAGE_MEMBERS.indexOf("message_deduplication_id");
/** A message of fewer bytes fits in any case: texts have up to four thirds of their bytes in keys. */
const LONG = LONGEST_KEY / 2;
/** Bytes that the key of a deduplication id has besides the names in it. */
const AROUND_NAMES = 64;

/** Why a queue cannot be restored, and so none of its messages; `undefined` if it can. */
export function whyNotQueue(queue: StoredQueue, name: Uint8Array): string | undefined {
  if (name.length === 0 || decodeUtf8(name) === undefined) return "queue-name";
  if (queue.name && queue.name.length > 0 && !equalBytes(queue.name, name)) return "queue-name";
  const limit = textOf(queue.fifo_throughput_limit);
  const scope = textOf(queue.deduplication_scope);
  const partitions = queue.partition_count ?? 0;
  const isPowerOfTwo = (partitions & (partitions - 1)) === 0;
  const isFifo = queue.is_fifo === true;
  const isSound = LIMITS.includes(limit) && DEDUPLICATION_SCOPES.includes(scope) &&
    isPowerOfTwo && partitions <= MOST_PARTITIONS &&
    (isFifo || (partitions <= 1 && limit === "" && scope === "")) &&
    !(partitions > 1 && scope === "queue") &&
    !(partitions <= 1 && limit === "perMessageGroupId");
  return isSound ? undefined : "queue-settings";
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? decodeUtf8(bytes) ?? "?" : "";
}

/** A message that cannot be restored. */
export interface LostMessage {
  /** Its place in the batch. */
  row: number;
  why: string;
}

/** Says which messages of queues that can be restored cannot. */
export class MessageRule {
  readonly #message = new MessageValue();

  /** Those of a record, ascending. Nothing is said of messages that are not sound. */
  *unrestorable({ queue, batch, rows, keys }: MessagesRecord): Generator<LostMessage> {
    const { partitions, perQueue } = queue.facts!;
    // Where only the first partition is used, clients see no message of another one.
    const isPartitioned = keys.partition !== undefined && !perQueue;
    for (const row of rows) {
      const length = batch.ranges[row * 4 + 3] - batch.ranges[row * 4 + 2];
      if (!isPartitioned && length < LONG) continue;
      if (this.#message.read(batch, row, keys) !== undefined) continue;
      const group = this.#message.text(GROUP);
      const partition = group?.length ? hashOf(group) & (partitions - 1) : 0;
      if (isPartitioned && keys.partition !== partition) yield { row, why: "message-partition" };
      else if (length >= LONG && !this.#fits(queue.label, batch, row)) {
        yield { row, why: "message-too-long" };
      }
    }
  }

  /** Whether the rows that a long message gets are short enough. */
  #fits(queue: Uint8Array, { bytes, ranges }: RowBatch, row: number): boolean {
    const names = [queue, this.#message.text(GROUP), this.#message.text(DEDUPLICATION_ID)];
    const inKey = names.reduce((sum, name) => sum + Math.ceil((name?.length ?? 0) * 4 / 3), 0);
    if (inKey + AROUND_NAMES > LONGEST_KEY) return false;
    return fitsEscaped([{ bytes, start: ranges[row * 4 + 2], end: ranges[row * 4 + 3] }]);
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const b of bytes) hash = Math.imul(hash ^ b, 0x01000193);
  return hash >>> 0;
}
