/**
 * The counts of a snapshot whose files were read before it was known which writes in flight are
 * committed. Only the versions of the keys that are written are looked at again.
 *
 * @module
 */

import { equalBytes } from "../bytes/compare.ts";
import { MAX_U64, u64be } from "../bytes/integers.ts";
import { hasSameValue, nextBatch, storedKey } from "../container/entry_batch.ts";
import type { EntryTable } from "../container/entry_table.ts";
import { classify, type Family } from "../keyspace/families.ts";
import { countCollections, isElement } from "./collections.ts";
import { versionsOf } from "./key_walk.ts";
import type { Pass } from "./pass.ts";
import { type Proof, Resolver, TIMESTAMP_LENGTH, Verdict } from "./resolver.ts";
import type { Times } from "./times.ts";

/**
 * Counts what committed writes change.
 *
 * @param pass What was counted without them.
 * @param table All entries, and the writes as its last origin.
 * @param writes The writes alone: no key twice.
 * @param proof What tells how much of an entry may be believed.
 */
export async function countWrites(
  pass: Pass,
  table: EntryTable,
  writes: EntryTable,
  proof: Proof,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { survey, at, now } = pass;
  const firstInput = table.origins.length - 1;
  const elements = new Set<Family>();
  const entries = writes.walk({ from: new Uint8Array(0) }, { firstInput });
  for (
    let batch = await nextBatch(entries, signal);
    batch;
    batch = await nextBatch(entries, signal)
  ) {
    for (let w = 0; w < batch.count; w++) {
      const written = storedKey(batch, w);
      const key = written.subarray(0, written.length - TIMESTAMP_LENGTH);
      const family = classify(key, 0, key.length);
      if (isElement(family)) elements.add(family);
      const stored = withTime(survey.times, commitTsOf(written));
      const before = new Resolver(at, now, proof);
      const after = new Resolver(at, now, proof);
      for await (const { batch: versions, i } of versionsOf(table, key, stored, signal)) {
        const verdict = after.decide(versions, i);
        if (versions.inputs[i] !== firstInput) {
          const without = before.decide(versions, i);
          survey.count(versions, i, without, -1);
          // Whether a version may be clear is asked of those only that decide.
          if (without === Verdict.UNDECIDED && verdict === Verdict.SUPERSEDED) {
            pass.withdraw(versions, i);
          }
          if (equalBytes(storedKey(versions, i), written)) {
            const isSame = hasSameValue(versions, i, batch, w);
            pass.addCopy(versions, i, batch, w, isSame);
          }
        }
        survey.count(versions, i, verdict, 1);
      }
    }
  }
  for (const totals of survey.totals.filter(({ family }) => elements.has(family))) {
    const resolver = new Resolver(at, now, proof);
    totals.collections = await countCollections(table, totals.family, resolver, signal);
  }
}

function commitTsOf(stored: Uint8Array): bigint {
  return MAX_U64 - u64be(stored, stored.length - TIMESTAMP_LENGTH);
}

function withTime({ earliest, latest }: Times, time: bigint): Times {
  return { earliest: earliest < time ? earliest : time, latest: latest > time ? latest : time };
}
