import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { toHex } from "../../../src/bytes/hex.ts";
import { type Dump, dump, idsIn, type Options, seg, warningsOf } from "./support.ts";

const FIXTURES = import.meta.dirname + "/../../fixtures/";

function casesOf(group: string, start: RegExp): string[] {
  return [...Deno.readDirSync(FIXTURES + group)].map(({ name }) => name)
    .filter((name) => start.test(name)).sort();
}

async function dumpCase(name: string, more: Options = {}): Promise<Dump> {
  const options: Options = {};
  const flags = Deno.readTextFileSync(`${FIXTURES}${name}/args.txt`).split("\n");
  for (const flag of flags.filter((flag) => flag !== "")) {
    if (flag === "--include-sqs-side-records") options.includeSqsSideRecords = true;
    else if (flag === "--preserve-sqs-visibility") options.preserveSqsVisibility = true;
    else throw new Error(`the flag ${flag} is none that this test knows`);
  }
  const input = Deno.readFileSync(`${FIXTURES}${name}/input.fsm`);
  return await dump(input, { ...options, ...more });
}

/** Path → bytes as hex, of the `sqs/` folder of a tree. */
function treeIn(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
      if (isDirectory) walk(`${folder}/${name}`);
      else files[`${folder}/${name}`] = toHex(Deno.readFileSync(`${root}${folder}/${name}`));
    }
  };
  walk("sqs");
  return files;
}

function treeOf({ files }: Dump): Record<string, string> {
  return Object.fromEntries([...files].map(([path, bytes]) => [path, toHex(bytes)]));
}

const PARITY = casesOf("parity", /^sqs-/);
const REFUSED = casesOf("parity", /^err-sqs-/);

Deno.test("the cases of the reference's trees and refusals are there", () => {
  strictEqual(PARITY.length >= 9 && REFUSED.length >= 31, true);
});

for (const name of PARITY) {
  Deno.test(`parity/${name} is written byte for byte like the reference's`, async () => {
    const dumped = await dumpCase(`parity/${name}`);
    deepStrictEqual(treeOf(dumped), treeIn(`${FIXTURES}parity/${name}/expected/`));
    deepStrictEqual(dumped.wrong, []);
    // The reference warns of these two; its lines have the same values in the same order.
    const log = Deno.readTextFileSync(`${FIXTURES}parity/${name}/stderr.txt`);
    const theirs = [...log.matchAll(/event=(\S+) \S+=(\S+) \S+=(\S+) \S+=(\S+)/g)]
      .map(([, ...values]) => values.join(" "));
    const ours = warningsOf(dumped).map((values) => values.join(" "))
      .filter((line) => /^sqs_(orphan|stale)/.test(line))
      .map((line) => line.replace(/ hint.*/, ""));
    deepStrictEqual(ours.sort(), theirs.map((line) => line.replace(/ hint=.*/, "")).sort());
  });
}

for (const name of REFUSED) {
  Deno.test(`parity/${name} is refused`, async () => {
    const wrong = (await dumpCase(`parity/${name}`)).wrong;
    const kind = Deno.readTextFileSync(`${FIXTURES}parity/${name}/class.txt`).trim();
    // The reference calls a bad counter a bad key.
    const isKey = kind === "ErrSQSMalformedKey" && !name.includes("-gen-");
    strictEqual(wrong.length, 1);
    strictEqual(wrong[0].split(" ")[0], isKey ? "malformed-key" : "malformed-value");
  });
}

Deno.test("defects/real-sqs is a node's file, and its tree the right one", async () => {
  const dumped = await dumpCase("defects/real-sqs");
  deepStrictEqual(treeOf(dumped), treeIn(`${FIXTURES}defects/real-sqs/right/`));
  deepStrictEqual(dumped.wrong, []);
});

/** What is right where the reference is wrong. */
const RIGHT: Record<string, (dumped: Dump) => void | Promise<void>> = {
  "sqs-alias-queue": isRefused("malformed-key -"),
  "sqs-body-array": isRefused("malformed-value q"),
  "sqs-case-insensitive": (dumped) => {
    const [line] = dumped.tree["sqs/q/messages.jsonl"].split("\n");
    strictEqual(JSON.parse(line).body, "");
    deepStrictEqual(dumped.wrong, []);
  },
  "sqs-gen-whitespace": isRefused("malformed-value q"),
  "sqs-key-value-generation": isRefused("malformed-value q"),
  "sqs-key-value-id": isRefused("malformed-value q"),
  "sqs-meta-generation": (dumped) => {
    deepStrictEqual(idsIn(dumped.tree["sqs/q/messages.jsonl"]), ["g5"]);
    deepStrictEqual(idsIn(dumped.tree["sqs/nogenrow/messages.jsonl"]), ["g5"]);
    deepStrictEqual(warningsOf(dumped)[1], ["sqs_generation_mismatch", "q", 5n, 6n]);
  },
  "sqs-meta-ignored-types": isRefused("malformed-value a", "malformed-value b"),
  "sqs-null-value": isRefused("malformed-value q"),
  "sqs-partition-orphans": async (dumped) => {
    deepStrictEqual([dumped.tree, dumped.fates], [{}, { "p.fifo orphan": 3 }]);
    const kept = await dumpCase("defects/sqs-partition-orphans", { includeOrphans: true });
    const path = `sqs/${seg("p.fifo")}.orphan/messages.jsonl`;
    deepStrictEqual(idsIn(kept.tree[path]).length, 3);
    deepStrictEqual(kept.fates, { "p.fifo written": 3 });
  },
  "sqs-phantom-gen": (dumped) => {
    deepStrictEqual(dumped.wrong, ["malformed-key -", "malformed-key -"]);
    deepStrictEqual([dumped.tree, dumped.warnings], [{}, []]);
  },
  "sqs-queue-name-0": isRefused("malformed-key -", "malformed-key -"),
  "sqs-queue-name-1": isRefused("malformed-key -", "malformed-key -"),
  "sqs-queue-name-2": isRefused("malformed-key -", "malformed-key -"),
  "sqs-side-seq": (dumped) => {
    const [line] = dumped.tree["sqs/f.fifo/_internals/side_records.jsonl"].split("\n");
    strictEqual(JSON.parse(line).prefix, "!sqs|queue|seq|");
    deepStrictEqual(dumped.wrong, []);
  },
  "sqs-unreachable": (dumped) => {
    deepStrictEqual(idsIn(dumped.tree["sqs/plain/messages.jsonl"]), ["ok"]);
    deepStrictEqual(idsIn(dumped.tree["sqs/p.fifo/messages.jsonl"]), ["ok"]);
    strictEqual(dumped.fates["plain unreachable"], 1);
    strictEqual(dumped.fates["p.fifo unreachable"], 2);
    deepStrictEqual(warningsOf(dumped).map(([event]) => event), [
      "sqs_unreachable_messages",
      "sqs_unreachable_messages",
      "sqs_unreachable_messages",
    ]);
  },
};

function isRefused(...wrong: string[]): (dumped: Dump) => void {
  return (dumped) => {
    deepStrictEqual(dumped.wrong, wrong);
    // Nothing is written from a malformed row, least of all outside of the folder.
    for (const path of Object.keys(dumped.tree)) strictEqual(path.startsWith("sqs/q/"), true);
    strictEqual(dumped.tree["sqs/q/messages.jsonl"], undefined);
  };
}

for (const [name, check] of Object.entries(RIGHT)) {
  Deno.test(`defects/${name} is decoded as it should be`, async () => {
    await check(await dumpCase(`defects/${name}`));
  });
}
