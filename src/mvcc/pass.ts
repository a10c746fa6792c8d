/**
 * One walk over all entries of a snapshot: it counts them, lists the malformed ones, and compares what
 * several tables say of one version.
 *
 * @module
 */

import { equalBytes, startsWith } from "../bytes/compare.ts";
import { type EntryBatch, type EntryStream, nextBatch } from "../container/entry_batch.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { MergedTable } from "../container/merged_table.ts";
import { UnsoundError } from "../errors.ts";
import { FAMILY } from "../keyspace/families.ts";
import { isWriterKey, metaKey } from "../keyspace/meta_rows.ts";
import { ProblemList } from "./problems.ts";
import {
  entryDefect,
  isEncrypted,
  Resolver,
  TIMESTAMP_LENGTH,
  TOMBSTONE,
  VALUE_HEADER_LENGTH,
  Verdict,
} from "./resolver.ts";
import { Survey } from "./survey.ts";

const NOTHING = new Uint8Array(0);
const CATALOG = FAMILY.dist.bytes;

/** One walk over all entries: counts them and lists the malformed ones. */
export class Pass {
  readonly survey: Survey = new Survey();
  readonly problems: ProblemList = new ProblemList();
  readonly resolver: Resolver;
  /** Entries that more than one table had. */
  copies = 0;
  /** The time that expiry was compared with. */
  readonly now: bigint;

  constructor(at: bigint | undefined, now: bigint = at ?? 0n) {
    this.now = now;
    this.resolver = new Resolver(at, now);
  }

  /** @param names Name of each input, for messages. */
  add(batch: EntryBatch, names: readonly string[]): void {
    const { verdicts } = this.resolver;
    this.resolver.resolve(batch);
    this.survey.add(batch, verdicts);
    for (let i = 0; i < batch.count; i++) {
      if (verdicts[i] !== Verdict.UNSOUND) continue;
      this.problems.add({ error: defectOf(batch, i, names), adapter: "" });
    }
  }

  /** Looks at a version that two tables have: what they say of it must be the same. */
  addCopy(
    kept: EntryBatch,
    k: number,
    copy: EntryBatch,
    c: number,
    names: readonly string[],
  ): void {
    this.copies++;
    const { bytes, ranges, inputs, positions } = copy;
    if (
      isSameValue(
        kept.bytes.subarray(kept.ranges[k * 4 + 2], kept.ranges[k * 4 + 3]),
        bytes.subarray(ranges[c * 4 + 2], ranges[c * 4 + 3]),
      )
    ) return;
    const start = ranges[c * 4];
    const end = ranges[c * 4 + 1];
    if (metaKey(bytes, start, end) || isWriterKey(bytes, start, end)) return;
    const key = bytes.subarray(start, Math.max(start, end - TIMESTAMP_LENGTH));
    // Each node writes the first rows of the catalog of routes by itself.
    if (startsWith(key, CATALOG)) return;
    this.problems.add({
      error: new UnsoundError(
        "conflict",
        `${names[kept.inputs[k]]} has another value for the same version of this key`,
        {
          file: names[inputs[c]],
          offset: positions[c],
          key,
          hint: "one of the files is damaged or of another cluster: give them one by one",
        },
      ),
      adapter: "",
    });
  }
}

/** Walks over all entries of a table. */
export async function passOver(
  table: EntryTable,
  at: bigint | undefined,
  now: bigint,
  signal: AbortSignal | undefined,
): Promise<Pass> {
  const pass = new Pass(at, at ?? now);
  const names = table.origins.map(({ name }) => name);
  const entries = allEntries(table, pass, names);
  for (
    let batch = await nextBatch(entries, signal);
    batch;
    batch = await nextBatch(entries, signal)
  ) {
    pass.add(batch, names);
  }
  return pass;
}

function allEntries(table: EntryTable, pass: Pass, names: readonly string[]): EntryStream {
  if (!(table instanceof MergedTable)) return table.walk({ from: NOTHING });
  const merge = table.merge({ from: NOTHING });
  merge.onCopy = (kept, k, copy, c) => pass.addCopy(kept, k, copy, c, names);
  return merge;
}

/** Encrypted values have random parts: of those, only whether and until when they live is compared. */
function isSameValue(a: Uint8Array, b: Uint8Array): boolean {
  if (equalBytes(a, b)) return true;
  if (a.length < VALUE_HEADER_LENGTH || b.length < VALUE_HEADER_LENGTH) return false;
  if (!isEncrypted(a, 0) && !isEncrypted(b, 0)) return false;
  return (a[0] & TOMBSTONE) === (b[0] & TOMBSTONE) &&
    equalBytes(a.subarray(1, VALUE_HEADER_LENGTH), b.subarray(1, VALUE_HEADER_LENGTH));
}

const DEFECTS = {
  "short-key": "the stored key is shorter than its timestamp of 8 bytes",
  "short-value": "the stored value is shorter than its header of 9 bytes",
  "reserved-bits": "the value header has bits that no version defines",
} as const;

function defectOf(batch: EntryBatch, i: number, names: readonly string[]): UnsoundError {
  const { bytes, ranges, positions, inputs } = batch;
  const r = i * 4;
  const defect = entryDefect(bytes, ranges[r], ranges[r + 1], ranges[r + 2], ranges[r + 3])!;
  return new UnsoundError(defect, DEFECTS[defect], {
    file: names[inputs[i]],
    offset: positions[i],
    key: bytes.subarray(ranges[r], Math.max(ranges[r], ranges[r + 1] - TIMESTAMP_LENGTH)),
    hint: "the row is damaged: take another replica's snapshot",
  });
}
