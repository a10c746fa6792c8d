/** What is read of a file grows with the file, however many keys of however many types there are. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { decode } from "../../../src/commands/decode.ts";
import { decodeRecords } from "../../../src/commands/decode_records.ts";
import type { Snapshot } from "../../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../../src/sinks/memory_sink.ts";
import { MemoryScratch, type Scratch } from "../../../src/sources/scratch.ts";
import { checkGrowth } from "../../support/cost.ts";
import type { TestEntry } from "../../support/stream.ts";
import { keyOf, type Row, valueOf } from "./test_rows.ts";

const BODY = "x".repeat(300);
const MEMBERS = ["a".repeat(100), "b".repeat(100), "c".repeat(100)].join("\n");
const NO_PLACE = { length: 1n, head: 0n, last: [0n, 0n] as [bigint, bigint] };

/**
 * Keys whose rows lie in ten places of the file. Names are of many lengths, so that the order in which
 * they are walked is not that of their strings.
 */
function keys(n: number): TestEntry[] {
  const rows = Array.from({ length: n }, (_, i): Row[] => {
    const name = (type: string): string => type + String(i * 7919 % n) + "-".repeat(i % 20);
    return [
      { is: "string", name: name("s"), form: "legacy", body: BODY },
      { is: "index", name: name("s"), ms: 9n, ts: 1n },
      { is: "hll", name: name("h"), form: "plain", body: MEMBERS },
      { is: "meta", type: "list", name: name("l"), ...NO_PLACE },
      { is: "item", name: name("l"), place: 0n, value: BODY },
      { is: "meta", type: "hash", name: name("f"), ...NO_PLACE },
      { is: "field", name: name("f"), field: "a", value: BODY },
      { is: "member", name: name("m"), member: BODY },
      { is: "scored", name: name("z"), member: BODY, score: 1 },
      { is: "meta", type: "stream", name: name("e"), ...NO_PLACE, last: [1n, 0n] },
      { is: "entry", name: name("e"), id: [1n, 0n], fields: ["a", BODY.slice(0, 100)] },
      { is: "hash-blob", name: name("b"), fields: [["a", BODY.slice(0, 100)]] },
    ];
  }).flat();
  return rows.map((row) => ({ key: keyOf(row), value: valueOf(row) }));
}

type Use = (snapshot: Snapshot, scratch: Scratch) => ReturnType<typeof decode>;

const USES: Record<string, Use> = {
  "a tree": (snapshot, scratch) => decode(snapshot, new MemorySink(), {}, scratch),
  "record lines": (snapshot, scratch) => decodeRecords(snapshot, { write: () => {} }, {}, scratch),
};

for (const [what, use] of Object.entries(USES)) {
  Deno.test(`${what} of Redis keys of all types reads each row once or twice`, async () => {
    await checkGrowth(300, 1.4, keys, async (snapshot) => {
      const { exitCode, problems } = await use(snapshot, new MemoryScratch());
      deepStrictEqual([exitCode, problems], [0, []]);
    });
  });

  Deno.test(`${what} of Redis keys asks for no row by its place where there is room for values`, async () => {
    const memory = new MemoryScratch();
    const scratch: Scratch = { room: Infinity, create: () => memory.create(), close: () => {} };
    for (const [where, expected] of [[scratch, 0], [memory, 3]] as const) {
      await checkGrowth(60, 1.4, keys, async (snapshot) => {
        let read = 0;
        const reader = snapshot.read.bind(snapshot);
        snapshot.read = (handle, options) => {
          read++;
          return reader(handle, options);
        };
        const { accounts } = await use(snapshot, where);
        const n = accounts.reduce((sum, { live }) => sum + live, 0) / 12;
        strictEqual(read, expected * n);
      });
    }
  });
}
