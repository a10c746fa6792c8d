/** Snapshots that are written to while they are decoded: the attack is `v` → `W` in every value. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import { SourceChangedError } from "../../src/errors.ts";
import type { Keyring } from "../../src/mvcc/keyring.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import type { Source } from "../../src/sources/source.ts";
import { ChangingSource } from "../support/changing_source.ts";
import { generate } from "../support/generator/mod.ts";
import { nodeFile, stream } from "../support/stream.ts";

const BLOCK = 64 << 10;
/** Four buffers of the reader. */
const ROWS = 800;
const LARGE = nodeFile(stream(Array.from({ length: ROWS }, (_, i) => ({
  key: `!redis|str|${String(i).padStart(5, "0")}`,
  value: "v".repeat(10_000),
}))));

function spoil(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x76) bytes[i] = 0x57;
}

/** What was written, or the code of what stopped it. Whatever goes wrong is kept going. */
async function written(source: Source, records: boolean): Promise<string[] | string> {
  const sink = new MemorySink();
  const lines: string[] = [];
  const text = new TextDecoder();
  try {
    const snapshot = await openSnapshotInputs([{ source }], { hash: true });
    const write = (bytes: Uint8Array): void => void lines.push(text.decode(bytes));
    const { problems } = records
      ? await decodeRecords(snapshot, { write }, { keepGoing: true })
      : await decode(snapshot, sink, { keepGoing: true });
    if (problems.length > 0) return problems[0].error.code;
  } catch (error) {
    ok(error instanceof SourceChangedError, String(error));
    deepStrictEqual([error.exitCode, error.file], [4, "test.fsm"]);
    deepStrictEqual([sink.finished, sink.files.size], [false, 0]);
    ok(!lines.join("").includes('"end"'), "no line says that this was all");
    return error.code;
  }
  if (records) return lines;
  ok(sink.finished);
  return [...sink.files].filter(([path]) => path.endsWith(".bin"))
    .map(([path, bytes]) => `${path} ${text.decode(bytes)}`);
}

for (const records of [false, true]) {
  Deno.test(`whenever a snapshot changes, its ${records ? "records" : "files"} are those of the first reading`, async () => {
    const counted = new ChangingSource(LARGE, -1, spoil);
    const sound = await written(counted, records);
    ok(typeof sound !== "string" && sound.length > 0);
    const seen = new Map<string, number>();
    for (let after = 0; after < counted.reads; after += after < 12 ? 1 : 16) {
      const result = await written(new ChangingSource(LARGE, after, spoil), records);
      if (typeof result !== "string") deepStrictEqual(result, sound);
      const code = typeof result === "string" ? result : "sound";
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    // During the reading it is the checksum that does not hold.
    ok(seen.get("checksum-mismatch")! >= 1 && seen.get("source-changed")! >= 3, `${[...seen]}`);
  });
}

/** What a decode of everything writes; opened first, and then changed. */
async function decoded(
  bytes: Uint8Array,
  keys: Keyring | undefined,
  change: () => void,
): Promise<MemorySink["files"]> {
  const source = new BytesSource(bytes);
  const opened = await openSnapshotInputs([{ source }], { keys });
  change();
  const sink = new MemorySink();
  const options = { keepGoing: true, raw: true, wallTime: "2026-01-01T00:00:00Z" };
  try {
    await decode(opened, sink, options);
  } finally {
    if (!sink.finished) strictEqual(sink.files.size, 0);
  }
  return sink.files;
}

Deno.test("after a change to rows of any adapter, clear or encrypted, a decode stops, or never saw it", async () => {
  let stopped = 0;
  let blocks = 0;
  for (let seed = 0; seed < 6; seed++) {
    const snapshot = generate(seed, { size: 150, encrypted: seed % 2 === 1 });
    const keys = snapshot.encryption?.keys;
    const whole = snapshot.file();
    const sound = await decoded(whole, keys, () => {});
    for (let at = BLOCK >> 1; at < whole.length; at += BLOCK) {
      const bytes = whole.slice();
      blocks++;
      try {
        // A block that was read when the snapshot was opened may be kept, as it was then.
        deepStrictEqual(await decoded(bytes, keys, () => bytes[at] ^= 1), sound);
      } catch (error) {
        if (!(error instanceof SourceChangedError)) throw error;
        stopped++;
      }
    }
  }
  ok(blocks > 12 && stopped > blocks / 3, `${stopped} of ${blocks}`);
});
