import { ok, strictEqual } from "node:assert/strict";
import { scopesText } from "../../src/cli/show_scopes.ts";
import type { InspectedScope } from "../../src/commands/inspect.ts";

const NONE = {
  keys: 0,
  live: 0,
  undecided: 0,
  versions: 0,
  superseded: 0,
  tombstones: 0,
  expired: 0,
  later: 0,
  bytes: 0,
  live_bytes: 0,
  superseded_bytes: 0,
  deleted_bytes: 0,
  clear: 0,
  encrypted: 0,
};

const SCOPES: InspectedScope[] = [
  {
    ...NONE,
    adapter: "dynamodb",
    scope: "a".repeat(255),
    state: "live",
    things: { items: 345_678_901 },
    live: 345_678_901,
    versions: 445_678_901,
    bytes: 2 ** 42,
    live_bytes: 2 ** 41,
    superseded_bytes: 2 ** 40 * 1.5,
    deleted_bytes: 2 ** 40 * 0.5,
    encrypted: 5,
  },
  { ...NONE, adapter: "s3", scope: "gone", state: "deleted", things: { objects: 2 }, bytes: 5 },
  { ...NONE, adapter: "sqs", scope: "lost", state: "orphan", things: { messages: 1 }, bytes: 7 },
  {
    ...NONE,
    adapter: "redis",
    scope: "0",
    state: "live",
    things: { strings: 1_000_000, hashes: 1, lists: 99_999, zsets: 7, hyperloglogs: 1_234_567 },
  },
  { ...NONE, adapter: "system", family: "txn-lock", versions: 9, live_bytes: 3 },
  { ...NONE, adapter: "system", family: "bare", live: 1, example_keys_b64: [btoa("x\x1b[31m")] },
];

Deno.test("from forty characters on, every line of the table fits into its terminal", () => {
  for (let width = 40; width <= 250; width++) {
    const lines = scopesText(SCOPES, "name", width).split("\n");
    for (const line of lines) ok([...line].length <= width, `${width}: ${line}`);
    ok(lines.some((line) => /…/.test(line)) || width > 200, "the long name is cut");
  }
});

Deno.test("a terminal has no column in which everything is 0, and one line for the store's own rows", () => {
  const some = SCOPES.map((scope) => ({ ...scope, deleted_bytes: 0, encrypted: 0 }));
  const [head, ...lines] = scopesText(some, "name", 120).split("\n");
  ok(/^adapter +scope +what +live +old +rows/.test(head), head);
  ok(
    lines.some((line) => /^system +\(the store's own\) +9 rows +3 B/.test(line)),
    lines.join("\n"),
  );
  ok(lines.some((line) => /^s3 +gone \(deleted\) +2 objects left/.test(line)));
  ok(lines.some((line) => /^sqs +lost \(orphan\) +1 message$/.test(line)));
});

Deno.test("a program is given one whole line a scope, with every column", () => {
  const lines = scopesText(SCOPES, "name", undefined).trimEnd().split("\n");
  strictEqual(lines.length, 1 + SCOPES.length + 1 + 1);
  for (const line of lines.slice(0, -1)) {
    // The total has no name, and nothing of which there are some.
    const cells = line.split(/ {2,}/).length;
    strictEqual(cells, line.startsWith("total") ? 12 : 14, line);
  }
  ok(lines[1].includes("a".repeat(255)));
  strictEqual(lines.at(-1), '(bare) keys: "x\\x1b[31m"');
});

Deno.test("by bytes, the largest scopes come first", () => {
  const lines = scopesText(SCOPES, "bytes", undefined).split("\n");
  strictEqual(lines.slice(1, 4).map((line) => line.split(" ")[0]).join(), "dynamodb,sqs,s3");
});
