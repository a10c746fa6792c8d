/** Damage to rows of every family, with and without encryption: told, booked once, and no more. */

import { ok, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { DecantError } from "../../src/errors.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { generate, type GeneratedSnapshot, Random } from "../support/generator/mod.ts";

const SEEDS = 4;
const FLIPS = 60;
const CUTS = 20;

/** A decode that publishes what it can, or the code of the error that ended it. */
async function decoded(
  bytes: Uint8Array,
  { encryption }: GeneratedSnapshot,
  raw: boolean,
  records: boolean,
): Promise<DecodeReport | string> {
  try {
    const snapshot = await openSnapshotInputs(
      [{ source: new BytesSource(bytes, "test.fsm") }],
      { keys: encryption?.keys },
    );
    const options = { keepGoing: true, raw, redisBareStrings: raw };
    return records
      ? await decodeRecords(snapshot, { write: () => {} }, options)
      : await decode(snapshot, new MemorySink(), options);
  } catch (error) {
    if (error instanceof DecantError) return error.code;
    throw error;
  }
}

for (const family of ["dynamodb", "s3", "redis", "sqs"] as const) {
  for (const encrypted of [false, true]) {
    const what = `${encrypted ? "encrypted" : "clear"} rows of ${family}`;
    Deno.test(`flips and cuts of ${what} leave books that balance`, async () => {
      let unsound = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        const snapshot = generate(70_000 + seed, { families: [family], size: 8, encrypted });
        // Without a checksum, only the rows themselves can show what was changed.
        const file = snapshot.file({ header: 0, footer: false });
        const random = new Random(seed);
        for (let n = 0; n < FLIPS + CUTS; n++) {
          const at = random.between(8, file.length - 1);
          const damaged = n < FLIPS ? file.slice() : file.slice(0, at);
          if (n < FLIPS) damaged[at] ^= 1 << (n % 8);
          const report = await decoded(damaged, snapshot, n % 2 === 0, n % 4 > 1);
          const place = `seed ${seed}, ${n < FLIPS ? `bit ${n % 8} of byte` : "cut at"} ${at}`;
          if (typeof report === "string") {
            unsound++;
            continue;
          }
          const codes = report.problems.map(({ error }) => error.code);
          ok(!codes.includes("unbalanced"), `${place}: ${codes}`);
          strictEqual(report.complete && codes.length > 0, false, place);
          if (codes.length > 0) unsound++;
        }
      }
      ok(unsound > SEEDS * CUTS / 2, `${unsound} were told`);
    });
  }
}
