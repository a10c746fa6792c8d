/** What is damaged: parts of captured files, and generated snapshots. @module */

import type { Keyring } from "../../src/mvcc/keyring.ts";
import { generate, type Random } from "../support/generator/mod.ts";
import { latin1 } from "../support/naive/parse.ts";
import { type ModelEntry, type ModelFile, modelOf } from "./snapshot_model.ts";

const REAL = new URL("../fixtures/real/", import.meta.url);

/** Captured files, and the groups that they are from. */
const CAPTURED: [string, bigint][] = [
  ["ddb-history/snapshot.fsm", 1n],
  ["interleaved/snapshot.fsm", 1n],
  ["legacy-forged/snapshot.fsm", 1n],
  ["multi-group/group-1.fsm", 1n],
  ["multi-group/group-2.fsm", 2n],
  ["multi-group/group-3.fsm", 3n],
  ["multi-group-crash/group-1.fsm", 1n],
  ["multi-group-crash/group-2.fsm", 2n],
  ["redis-all/snapshot.fsm.gz", 1n],
  ["s3-hostile-keys/snapshot.fsm", 1n],
  ["sqs-all/snapshot.fsm.gz", 1n],
];
/** Entries of a part. */
const FEW = 150;
/** Larger values only cost time. */
const LARGEST_VALUE = 4096;

const read = new Map<string, Promise<ModelFile>>();

/** Files that belong together. */
export interface Original {
  files: ModelFile[];
  keys?: Keyring;
}

/** Chooses one. */
export async function chooseOriginal(random: Random): Promise<Original> {
  if (random.chance(0.5)) return generated(random);
  const [path, group] = random.pick(CAPTURED);
  if (!read.has(path)) read.set(path, readModel(path, group));
  const whole = await read.get(path)!;
  return { files: [{ ...whole, entries: partOf(whole.entries, random) }] };
}

async function readModel(path: string, group?: bigint): Promise<ModelFile> {
  let stream = new Blob([Deno.readFileSync(new URL(path, REAL))]).stream();
  if (path.endsWith(".gz")) stream = stream.pipeThrough(new DecompressionStream("gzip"));
  return modelOf(path, new Uint8Array(await new Response(stream).arrayBuffer()), group);
}

/** Some entries in a row, and others that have a piece of their keys in common with one of them. */
function partOf(entries: readonly ModelEntry[], random: Random): ModelEntry[] {
  const part = new Set<ModelEntry>();
  const add = (entry: ModelEntry): void => {
    if (part.size < FEW && entry.value.length <= LARGEST_VALUE) part.add(entry);
  };
  for (const entry of entries) if (latin1(entry.key).startsWith("!dist|")) add(entry);
  while (part.size < FEW / 2 && part.size < entries.length / 2) {
    const first = random.below(entries.length);
    const run = entries.slice(first, first + random.between(1, 30));
    run.forEach(add);
    const key = latin1(run[0].key);
    const at = Math.max(0, key.lastIndexOf("|") - random.below(4));
    const piece = key.slice(at, at + random.between(4, 10));
    if (piece.length >= 4) {
      for (const entry of entries) {
        if (random.chance(0.5) && latin1(entry.key).includes(piece, 4)) add(entry);
      }
    }
    if (random.chance(0.1)) break;
  }
  return [...part].map(({ key, value }) => ({ key: key.slice(), value: value.slice() }));
}

/** Of one group, or of two or three with transactions between them, some encrypted. */
function generated(random: Random): Original {
  const groups = random.pick([1, 1, 2, 3]);
  const snapshot = generate(random.u32(), {
    size: random.between(1, 10),
    transactions: random.pick([0, 3, 6]),
    encrypted: random.chance(0.25),
    groups,
  });
  const keys = snapshot.encryption?.keys;
  if (groups === 1) return { files: [modelOf("generated.fsm", snapshot.file(), 1n)], keys };
  const files = snapshot.groupFiles().map(({ name, bytes, group }) => modelOf(name, bytes, group));
  return { files, keys };
}
