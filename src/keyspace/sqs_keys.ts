/**
 * The keys of SQS rows.
 *
 * ```text
 * !sqs|queue|meta|       queue                                a queue
 * !sqs|queue|gen|        queue                                its generation counter
 * !sqs|queue|seq|        queue                                its sequence counter (FIFO)
 * !sqs|queue|tombstone|  queue generation                     a generation that is being removed
 * !sqs|msg|data|         queue generation id                  a message
 * !sqs|msg|vis|          queue generation time id             when it becomes visible
 * !sqs|msg|byage|        queue generation time id             when it was sent
 * !sqs|msg|dedup|        queue generation id                  a deduplication id (FIFO)
 * !sqs|msg|group|        queue generation id                  a locked message group (FIFO)
 * ```
 *
 * Message rows of a partitioned queue have a second layout:
 *
 * ```text
 * !sqs|msg|data|p|       queue | partition generation id
 * !sqs|msg|vis|p|        queue | partition generation time id        and so on, but
 * !sqs|msg|dedup|p|      queue | partition generation group | id
 * ```
 *
 * `queue`, `id` and `group` are base64 names; `generation` and `time` (Unix milliseconds) are
 * big-endian u64, `partition` is a big-endian u32. No queue begins with `p|`, since one digit is not
 * base64. In the first layout nothing ends the queue but the first byte that is no base64 digit: the
 * generation's, which is 00 below 2^56.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { isUtf8 } from "../text/utf8.ts";
import { appendName, nameEnd, readName } from "./base64_names.ts";
import { FAMILY, type Family, type FamilyId } from "./families.ts";
import { appendU32, appendU64, FieldReader } from "./fields.ts";

interface Layout {
  readonly generation: boolean;
  readonly time: boolean;
  readonly id: boolean;
}

const QUEUE: Layout = { generation: false, time: false, id: false };
const MESSAGE: Layout = { generation: true, time: false, id: true };
const TIMED: Layout = { generation: true, time: true, id: true };

/** An SQS family whose keys have a known layout. */
export type SqsFamily = Exclude<Extract<FamilyId, `sqs-${string}`>, "sqs-unknown">;

const LAYOUT_OF: { readonly [id in SqsFamily]: Layout } = {
  "sqs-queue": QUEUE,
  "sqs-generation": QUEUE,
  "sqs-sequence": QUEUE,
  "sqs-tombstone": { generation: true, time: false, id: false },
  "sqs-message": MESSAGE,
  "sqs-visibility": TIMED,
  "sqs-age": TIMED,
  "sqs-dedup": MESSAGE,
  "sqs-group": MESSAGE,
};

const layouts: (Layout | undefined)[] = [];
for (const [id, layout] of Object.entries(LAYOUT_OF)) {
  layouts[FAMILY[id as SqsFamily].index] = layout;
}

/** The parts of an SQS key; what the family or the layout does not have is absent. */
export interface SqsKey {
  /** The queue's name: UTF-8, not `.` or `..`. */
  queue: Uint8Array;
  /** Absent in the layout of queues that are not partitioned. */
  partition?: number;
  /** Of the queue: it rises when the queue is purged or made anew. */
  generation?: bigint;
  /** Unix milliseconds. */
  time?: bigint;
  /** Of a deduplication id in a partitioned queue. */
  group?: Uint8Array;
  /** The message id, deduplication id or group id. */
  id?: Uint8Array;
}

const P = 0x70;
const BAR = 0x7c;
const LARGEST_CLASSIC_GENERATION = (1n << 56n) - 1n;

/** Whether a key has the layout of partitioned queues, which only rows of messages can have. */
function isPartitioned(family: Family, bytes: Uint8Array, start: number, end: number): boolean {
  const at = start + family.bytes.length;
  return layouts[family.index]?.id === true && end - at >= 2 && bytes[at] === P &&
    bytes[at + 1] === BAR;
}

/**
 * The offset where the queue's name begins in the key of an SQS family, as base64; it ends where
 * the digits end.
 */
export function queueStart(family: Family, bytes: Uint8Array, start: number, end: number): number {
  return start + family.bytes.length + (isPartitioned(family, bytes, start, end) ? 2 : 0);
}

/** The queue that the base64 text `bytes[start, end)` names, or `undefined` if it can name none. */
export function readQueue(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const name = readName(bytes, start, end);
  if (name === undefined || !isUtf8(name)) return undefined;
  const dots = name.length <= 2 && name.every((b) => b === 0x2e);
  return dots ? undefined : name;
}

/** The parts of a key of an SQS family, or what is wrong with it. */
export function parseSqsKey(
  family: Family,
  bytes: Uint8Array,
  start: number,
  end: number,
): SqsKey | string {
  const layout = layouts[family.index];
  if (layout === undefined) return "keys of this family have no known layout";
  const at = queueStart(family, bytes, start, end);
  const queueEnd = nameEnd(bytes, at, end);
  const queue = queueEnd < 0 ? undefined : readQueue(bytes, at, queueEnd);
  if (queue === undefined) return "the queue name is not canonical base64 of a name";

  const key: SqsKey = { queue };
  const fields = new FieldReader(bytes, queueEnd, end);
  const partitioned = isPartitioned(family, bytes, start, end);
  if (partitioned) {
    if (fields.byte("queue name") !== BAR) fields.reason ??= "no bar follows the queue name";
    key.partition = fields.u32("partition");
  }
  if (layout.generation) {
    key.generation = fields.u64("generation");
    if (!partitioned && key.generation > LARGEST_CLASSIC_GENERATION) {
      fields.reason ??= "no generation follows the queue name";
    }
  }
  if (layout.time) key.time = fields.u64("time");
  if (layout.id && fields.reason === undefined) {
    let idStart = fields.at;
    if (partitioned && family === FAMILY["sqs-dedup"]) {
      const groupEnd = nameEnd(bytes, idStart, end);
      if (groupEnd < 0) return "the group is not canonical base64";
      if (groupEnd === end || bytes[groupEnd] !== BAR) return "no bar follows the group";
      key.group = readName(bytes, idStart, groupEnd);
      idStart = groupEnd + 1;
    }
    key.id = readName(bytes, idStart, end);
    return key.id === undefined ? "the id is not canonical base64" : key;
  }
  return fields.finish() ?? key;
}

/**
 * The key of an SQS row. With a partition it has the layout of partitioned queues.
 *
 * @throws {RangeError} when the parts are not those of the family, or the generation does not fit.
 */
export function sqsKey(family: SqsFamily, key: SqsKey): Uint8Array {
  const layout = LAYOUT_OF[family];
  const { queue, partition, generation, time, group, id } = key;
  const partitioned = partition !== undefined;
  if (
    layout.generation !== (generation !== undefined) || layout.time !== (time !== undefined) ||
    layout.id !== (id !== undefined) || (partitioned && !layout.id) ||
    (group !== undefined) !== (partitioned && family === "sqs-dedup") ||
    (!partitioned && generation !== undefined && generation > LARGEST_CLASSIC_GENERATION)
  ) {
    throw new RangeError(`a ${family} key has other parts`);
  }
  const out = new ByteBuilder().append(FAMILY[family].bytes);
  if (partitioned) out.byte(P).byte(BAR);
  appendName(out, queue);
  if (partitioned) appendU32(out.byte(BAR), partition);
  if (generation !== undefined) appendU64(out, generation);
  if (time !== undefined) appendU64(out, time);
  if (group !== undefined) {
    appendName(out, group);
    out.byte(BAR);
  }
  if (id !== undefined) appendName(out, id);
  return out.take();
}
