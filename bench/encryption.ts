/**
 * What encryption costs: time of the processor for opening and decoding the same items, clear and
 * encrypted, without keys and with them.
 *
 *     deno run -A bench/encryption.ts
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { verifySnapshot } from "../src/commands/verify_snapshot.ts";
import type { Keyring } from "../src/mvcc/keyring.ts";
import { openSnapshotInputs, type Snapshot } from "../src/mvcc/snapshot.ts";
import { BytesSource } from "../src/sources/bytes_source.ts";
import { tableEntries } from "../tests/cli/snapshots.ts";
import { clear, DATA_KEYS, sealed, sealedStream } from "../tests/support/sealed.ts";

const BYTES = 16 << 20;
const RUNS = 5;

function open(bytes: Uint8Array, keys?: Keyring): Promise<Snapshot> {
  return openSnapshotInputs([{ source: new BytesSource(bytes) }], { keys });
}

async function decoded(bytes: Uint8Array, keys?: Keyring): Promise<void> {
  const { exitCode } = await verifySnapshot(await open(bytes, keys));
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
}

/** Microseconds a row, in the fastest run. */
async function cost(rows: number, action: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const before = cpuUsage();
    await action();
    const { user, system } = cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least / rows;
}

for (const length of [100, 400, 1500]) {
  const rows = Math.floor(BYTES / (length + 100));
  const entries = tableEntries("t", rows, length);
  const files = [clear, sealed].map((form) =>
    sealedStream(entries.map(({ key, value, ts }) => form(key, value!, { ts })))
  );
  const costs = {
    "open, clear": await cost(rows, () => open(files[0])),
    "open, encrypted, without keys": await cost(rows, () => open(files[1])),
    "open, encrypted": await cost(rows, () => open(files[1], DATA_KEYS)),
    "decode, clear": await cost(rows, () => decoded(files[0])),
    "decode, encrypted": await cost(rows, () => decoded(files[1], DATA_KEYS)),
  };
  console.log(`${rows} items with a text of ${length} bytes, microseconds a row:`);
  for (const [what, us] of Object.entries(costs)) {
    console.log(`  ${what.padEnd(32)}${us.toFixed(2).padStart(6)}`);
  }
}
