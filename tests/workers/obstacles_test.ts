/** Files that workers cannot write: the thread that reads tries again, and says why. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { DenoDirectorySink } from "../../src/sinks/deno_directory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { itemRow, tableRow } from "../adapters/dynamodb/rows.ts";
import { readTree } from "../conformance/cases.ts";
import { stream } from "../support/stream.ts";

const ITEMS = "dynamodb/t/items";

const BYTES = stream([
  tableRow("t"),
  ...Array.from({ length: 50 }, (_, i) => itemRow("t", { id: { S: `item ${i}` } })),
]);

/** Decodes with two workers or none, with something in the way. */
async function decodeAround(
  jobs: number,
  inTheWay: (items: string) => void,
  look: (root: string, report: DecodeReport) => void,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "decant-test-" });
  try {
    const sink = new DenoDirectorySink(root);
    const { directory } = sink;
    sink.directory = (path) => {
      directory.call(sink, path);
      if (path === ITEMS) inTheWay(`${root}/${ITEMS}`);
    };
    const source = new BytesSource(BYTES, "test.fsm");
    const snapshot = await openSnapshotInputs([{ source }], { hash: true });
    look(root, await decode(snapshot, sink, { jobs, wallTime: "2026-01-01T00:00:00Z" }));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a name that is taken is another one for the item, whoever finds it taken", async () => {
  const found: unknown[] = [];
  for (const jobs of [1, 2]) {
    await decodeAround(
      jobs,
      (items) => Deno.mkdirSync(`${items}/item%207.json`),
      (root, { warnings, accounts, files }) => {
        const written = [...readTree(`${root}/${ITEMS}/`).keys()].sort();
        strictEqual(written.length, 50);
        ok(written.some((name) => /^item%207~[0-9a-f]{8}\.json$/.test(name)), written.join());
        const collision = warnings.find(({ event }) => event === "ddb_item_path_collision");
        const checksums = Deno.readTextFileSync(`${root}/CHECKSUMS`);
        found.push([written, collision, accounts, files, checksums]);
      },
    );
  }
  deepStrictEqual(found[0], found[1]);
});

Deno.test("a folder that cannot be written is an error with its cause, and nothing is left", async () => {
  for (const jobs of [1, 2]) {
    await rejects(
      decodeAround(jobs, (items) => {
        Deno.removeSync(items);
        Deno.writeTextFileSync(items, "");
      }, () => {}),
      ({ code }: { code: string }) => code === "output-failed",
      `${jobs} jobs`,
    );
  }
});
