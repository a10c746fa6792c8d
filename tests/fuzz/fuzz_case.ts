/** One damaged snapshot: all of it follows from a seed. @module */

import type { Keyring } from "../../src/mvcc/keyring.ts";
import { Random } from "../support/generator/mod.ts";
import { change } from "./changes.ts";
import { chooseOriginal } from "./originals.ts";
import { type Way, WAYS } from "./sources.ts";
import { bytesOfModel } from "./snapshot_model.ts";

/** What is read, and how. */
export interface FuzzCase {
  seed: number;
  files: { name: string; bytes: Uint8Array; group?: bigint }[];
  keys?: Keyring;
  /** The moment that is read; now. */
  at?: bigint;
  /** How the program gets to the files. */
  way: Way;
  /** What was done to it. */
  changes: string[];
}

/** Makes the case of a seed. */
export async function makeCase(seed: number): Promise<FuzzCase> {
  const random = new Random(seed);
  const { files, keys } = await chooseOriginal(random);
  const changes = change(random, files);
  const times = files.flatMap(({ entries }) => entries.map(({ key }) => timeOf(key)));
  return {
    seed,
    files: files.map((file) => ({ name: file.name, group: file.group, bytes: bytesOfModel(file) })),
    keys: random.chance(0.9) ? keys : undefined,
    at: random.chance(0.2) && times.length > 0 ? random.pick(times) : undefined,
    way: random.pick(WAYS),
    changes,
  };
}

function timeOf(key: Uint8Array): bigint {
  if (key.length < 8) return 0n;
  return ~new DataView(key.buffer, key.byteOffset + key.length - 8).getBigInt64(0) &
    ((1n << 64n) - 1n);
}

/** The files that stand for a case in a folder: it can be judged when seeds mean something else. */
export function saveCase(folder: string, { seed, files, keys, at, way, changes }: FuzzCase): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const [i, { bytes }] of files.entries()) Deno.writeFileSync(`${folder}/${i}.fsm`, bytes);
  const about = {
    seed,
    changes,
    files: files.map(({ name, group }) => ({ name, group: group?.toString() })),
    keys: keys && Object.fromEntries([...keys].map(([id, key]) => [id, key.toHex()])),
    at: at?.toString(),
    way,
  };
  Deno.writeTextFileSync(`${folder}/case.json`, JSON.stringify(about, undefined, 2) + "\n");
}

/** Reads what {@link saveCase} wrote. */
export function loadCase(folder: string): FuzzCase {
  const about = JSON.parse(Deno.readTextFileSync(`${folder}/case.json`));
  return {
    seed: about.seed,
    changes: about.changes,
    files: about.files.map(({ name, group }: { name: string; group?: string }, i: number) => ({
      name,
      group: group === undefined ? undefined : BigInt(group),
      bytes: Deno.readFileSync(`${folder}/${i}.fsm`),
    })),
    keys: about.keys &&
      new Map(
        Object.entries<string>(about.keys).map(([id, hex]) => [
          Number(id),
          Uint8Array.fromHex(hex),
        ]),
      ),
    at: about.at === undefined ? undefined : BigInt(about.at),
    way: about.way,
  };
}
