/** The sentences about what is missing, and about what a result is when nothing is. */

import { doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { ACCEPTABLE, type LossKind } from "../../src/adapters/ledger.ts";
import { decode } from "../../src/commands/decode.ts";
import type { DecodeReport } from "../../src/commands/decode_report.ts";
import type { Assumption, Example } from "../../src/commands/losses.ts";
import { balanceText, warningsText } from "../../src/cli/show_balance.ts";
import { decodeSentence } from "../../src/cli/show_decode.ts";
import { lossesText, wholeText } from "../../src/cli/show_losses.ts";
import { snapshotSentence, treeText } from "../../src/cli/show_verify.ts";
import type { DecodeFlags } from "../../src/cli/decode_command.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { MANIFEST, openBytes } from "../commands/dumps.ts";
import { fixture } from "./run.ts";

const REPORT: DecodeReport = {
  inputs: [{ name: "a", size: 1, format: "stream", header_version: 1, checksum: "verified" }],
  exitCode: 0,
  complete: true,
  selective: false,
  assumed: [],
  problems: [],
  warnings: [],
  losses: [],
  accounts: [],
  balance: { versions: 0, live: 0, superseded: 0, tombstones: 0, expired: 0, later: 0 },
  files: 1,
  bytes: 1,
};
const FLAGS = { output: "out", format: "tree" } as DecodeFlags;

function lost(
  kind: LossKind,
  count: number | undefined,
  examples: Example[],
  accepted = false,
): DecodeReport {
  const losses = [{ kind, count, accepted, examples }];
  return { ...REPORT, complete: false, exitCode: accepted ? 0 : 8, losses };
}

const key = (text: string): Example => ({ key: new TextEncoder().encode(text) });

const STATEMENTS: [DecodeReport, string][] = [
  [
    lost("groups", 2, [{ group: 1n }, { group: 3n }]),
    "missing:  2 groups of the cluster\n" +
    "            group 1\n" +
    "            group 3\n" +
    "          name a snapshot of each group, or the data directory that has them;\n" +
    "          --accept groups says that it is known\n",
  ],
  [
    lost("groups", undefined, []),
    "missing:  the cluster's routes, which one of its groups has: nobody knows whether there are " +
    "others\n" +
    "          name a snapshot of each group, or the data directory that has them;\n" +
    "          --accept groups says that it is known\n",
  ],
  [
    lost("groups", undefined, [{ group: 3n }]),
    "missing:  the cluster's routes, which one of its groups has: nobody knows whether there are " +
    "others\n" +
    "            group 3\n" +
    "            …\n" +
    "          name a snapshot of each group, or the data directory that has them;\n" +
    "          --accept groups says that it is known\n",
  ],
  [
    lost("checksum", 1, [{ file: "a\u202e.fsm" }]),
    "missing:  the checksum of 1 file\n" +
    "            a\\u{202e}.fsm\n" +
    "          a node writes it last, so the file was cut off and rows may be\n" +
    "          missing. Only payloads that an object store holds have none; --accept\n" +
    "          checksum says that it is known\n",
  ],
  [
    lost("unknown", 6, ["a", "b", "c", "d", "\xff"].map(key)),
    "missing:  6 rows of a family that Decant does not decode\n" +
    '            "a"\n            "b"\n            "c"\n            "d"\n            "\xff"\n' +
    "            …\n" +
    "          --raw writes them as they are stored; --accept unknown says that it is\n" +
    "          known\n",
  ],
  [
    lost("bare", 1, [key("a")]),
    "missing:  1 row without a family: legacy Redis strings or raw rows\n" +
    '            "a"\n' +
    "          --redis-bare-strings takes them for Redis strings, --raw writes them\n" +
    "          as they are stored; --accept bare says that it is known\n",
  ],
  [
    lost("orphans", 1, [key("a")], true),
    "accepted: 1 row whose table, bucket, queue or key is missing\n" +
    '            "a"\n',
  ],
  [
    lost("transactions", 1, [key("a")]),
    "missing:  1 row of a transaction without an outcome\n" +
    '            "a"\n' +
    "          their outcome is in a group that was not given, or was not decided by\n" +
    "          then; --accept transactions says that it is known\n",
  ],
  [
    lost("not-loadable", 1, [key("a")]),
    "missing:  1 row that a Redis server cannot be given\n" +
    '            "a"\n' +
    "          the other formats have them\n",
  ],
  [
    lost("unsound", 1, [key("a")]),
    "missing:  1 row found unsound: the problems above say why\n",
  ],
];

for (const [report, text] of STATEMENTS) {
  Deno.test(`a loss is said once, with examples and what to do: ${report.losses[0].kind}`, () =>
    strictEqual(lossesText(report), text));
}

Deno.test("each kind of loss has its statement", () => {
  for (const kind of ACCEPTABLE) ok(STATEMENTS.some(([{ losses }]) => losses[0].kind === kind));
});

Deno.test("a result is everything only if all of it was asked for, and the files prove it", () => {
  strictEqual(wholeText(REPORT), "everything that a client could read");
  const all: Assumption[] = ["groups", "checksum"];
  for (const selective of [false, true]) {
    for (const assumed of [[], ["groups"], ["checksum"], all] as Assumption[][]) {
      if (!selective && assumed.length === 0) continue;
      const text = wholeText({ ...REPORT, selective, assumed });
      doesNotMatch(text, /everything/i);
      match(text, selective ? /^all that was asked for/ : /^all that a client could read/);
      strictEqual(/no routes/.test(text), assumed.includes("groups"));
      strictEqual(/no checksum/.test(text), assumed.includes("checksum"));
    }
  }
});

Deno.test("no sentence says everything when something is lost, accepted or not", () => {
  for (const accepted of [true, false]) {
    const report = lost("bare", 1, [key("a")], accepted);
    const manifest = { ...MANIFEST, complete: false, losses: [{ kind: "bare", count: 1 }] };
    const tree = { exitCode: 0, manifest, files: 1, bytes: 1, faults: [], faultCount: 0 };
    for (
      const text of [
        balanceText(report, decodeSentence(report, FLAGS)),
        balanceText(report, snapshotSentence([{ name: "a" }], report)),
        treeText("dump", tree),
      ]
    ) {
      doesNotMatch(text, /everything/i);
      match(text, /NOT (complete|all that a client could read)/);
    }
  }
});

for (
  const name of ["defects/sqs-partition-orphans", "parity/s3-orphans-off", "real/legacy-forged"]
) {
  Deno.test(`a loss is no warning as well: ${name}`, async () => {
    const file = [...Deno.readDirSync(fixture(name))].find(({ name }) => name.endsWith(".fsm"))!;
    const bytes = Deno.readFileSync(`${fixture(name)}/${file.name}`);
    const report = await decode(await openBytes(bytes), new MemorySink());
    ok(report.losses.length > 0);
    doesNotMatch(warningsText(report), /orphan_(items|chunks|messages)|bare_keys/);
    const { length } = lossesText(report).match(/^missing: /gm)!;
    strictEqual(length, report.losses.length);
  });
}

Deno.test("what was left out on purpose or cannot be read is still warned of", async () => {
  const bytes = Deno.readFileSync(fixture("parity/ddb-orphans/input.fsm"));
  const report = await decode(await openBytes(bytes), new MemorySink());
  strictEqual(report.losses.length, 0);
  match(warningsText(report), /ddb_orphan_items/);
});
