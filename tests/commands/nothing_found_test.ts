/** What is not found in a damaged snapshot may have been in it. */

import { rejects } from "node:assert/strict";
import { parseAddress } from "../../src/commands/address.ts";
import { awsTable } from "../../src/commands/aws_table.ts";
import { cat } from "../../src/commands/cat.ts";
import { diff } from "../../src/commands/diff.ts";
import { recordHistory } from "../../src/commands/history.ts";
import { list } from "../../src/commands/list.ts";
import { search } from "../../src/commands/search.ts";
import { usage } from "../../src/commands/usage.ts";
import type { Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import { fixture } from "../cli/run.ts";
import { bytesOf } from "../support/stream.ts";
import { openBytes } from "./dumps.ts";

const WHOLE = Deno.readFileSync(fixture("real/ddb-history/snapshot.fsm"));
const CUT = WHOLE.subarray(0, 50_000);
const NONE = { scopes: { dynamodb: ["none"] } };
const all = async (found: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of found);
};

const QUESTIONS: { [name: string]: (snapshot: Snapshot, whole: Snapshot) => Promise<unknown> } = {
  "cat of an item": (snapshot) => cat(snapshot, parseAddress("dynamodb/orders/none/1"), () => {}),
  "cat of an object": (snapshot) => cat(snapshot, parseAddress("s3://none/none"), () => {}),
  "cat of a path": (snapshot) => cat(snapshot, parseAddress("s3/none/none"), () => {}),
  "history of an item": (snapshot) =>
    all(recordHistory(snapshot, parseAddress("dynamodb/accounts/none"))),
  "history of a path": (snapshot) =>
    all(recordHistory(snapshot, parseAddress("dynamodb/accounts/items/none.json"))),
  "schema": (snapshot) => awsTable(snapshot, bytesOf("none"), "create-table", ""),
  "ls": (snapshot) => list(snapshot, () => {}, NONE),
  "grep": (snapshot) => all(search(snapshot, "x", NONE)),
  "du": (snapshot) => usage(snapshot, NONE),
  "diff from it": (snapshot, whole) => diff(snapshot, whole, NONE, new MemoryScratch()),
  "diff to it": (snapshot, whole) => diff(whole, snapshot, NONE, new MemoryScratch()),
};

for (const [name, ask] of Object.entries(QUESTIONS)) {
  Deno.test(`${name}: what is not found is the damage of a damaged snapshot`, async () => {
    const whole = await openBytes(WHOLE);
    await rejects(ask(whole, whole), { code: "nothing-selected" });
    await rejects(ask(await openBytes(CUT), whole), { code: "truncated" });
  });
}

Deno.test("schema of a table that is in what was cut off says that", async () => {
  await rejects(awsTable(await openBytes(CUT), bytesOf("orders"), "create-table", ""), {
    code: "truncated",
  });
});
