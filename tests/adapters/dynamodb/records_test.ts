/** The records of tables and items, and how rows are booked by what is said of them. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { type DynamoRecord, records } from "../../../src/adapters/dynamodb/records.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import type { RecordSelection } from "../../../src/adapters/wanted_rows.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { orderedPayload } from "../../../src/keyspace/dynamodb_keys.ts";
import { rowKey } from "../../../src/mvcc/row_batch.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { text } from "../../support/generator/encoding.ts";
import { CountingSource } from "../../support/counting_source.ts";
import { stream, type TestEntry } from "../../support/stream.ts";
import { itemRow, tableRow } from "./rows.ts";

async function opened(rows: TestEntry[], raw = false) {
  const source = new CountingSource(stream(rows));
  const snapshot = await openSnapshotInputs([{ source }]);
  const problems: string[] = [];
  const written: string[] = [];
  const context = new AdapterContext({
    rows: snapshot,
    kernels: await loadKernels(),
    scratch: new MemoryScratch(),
    ledger: new Ledger(snapshot.info.totals),
    options: {},
    totals: snapshot.info.totals,
    handlers: {
      onProblem: ({ error }) => void problems.push(error.message),
      onWarning: () => {},
      writeRaw: raw
        ? (batch, i) => void written.push(new TextDecoder().decode(rowKey(batch, i)))
        : undefined,
    },
  });
  source.reset();
  return { context, source, problems, written };
}

function accept({ receipt, ...record }: DynamoRecord): void {
  if ("rowsWritten" in receipt) receipt.written((record as { rows: Uint32Array }).rows.length);
  else receipt.written();
}

/** What the records are, in a word or two. */
async function told(context: AdapterContext, selection: RecordSelection = {}): Promise<string[]> {
  const list: string[] = [];
  for await (const record of records(context, selection)) {
    const { shownName } = record.table;
    if (record.type === "table") list.push(`table ${shownName}`);
    else list.push(`${record.rows.length} of ${shownName}${record.fromSource ? ", old" : ""}`);
    accept(record);
  }
  return list;
}

const item = (table: string, id: string, shape = {}): TestEntry =>
  itemRow(table, { id: { S: id } }, shape);
const MOVING = { generation: 2, from: 1 };
const ROWS = [
  tableRow("t"),
  item("t", "a"),
  item("t", "b"),
  item("t", "c", { generation: 7 }),
  // In base64, this name comes before the other.
  tableRow("~", MOVING),
  item("~", "a", { version: 0 }),
  item("~", "b", { version: 0 }),
  item("~", "b", { generation: 2 }),
  item("lost", "a"),
];

Deno.test("tables come first by their names, then items in stored order", async () => {
  const { context } = await opened(ROWS);
  deepStrictEqual(await told(context), [
    "table t",
    "table ~",
    "2 of t",
    "1 of ~, old",
    "1 of ~",
  ]);
  deepStrictEqual(
    context.ledger.accounts.filter(({ adapter }) => adapter === "dynamodb").map(({ fates }) =>
      fates
    ),
    [{ orphan: 1 }, { written: 3, "stale-generation": 1 }, { written: 3, hidden: 1 }],
  );
});

Deno.test("a record without an answer, and rows without one, stop the walk", async () => {
  for (const answered of [0, 1]) {
    const { context } = await opened(ROWS);
    const walk = records(context, {});
    if (answered === 0) {
      await walk.next();
      await rejects(walk.next(), /nobody said/);
      continue;
    }
    for (let i = 0; i < 2; i++) accept((await walk.next()).value!);
    const { value: items } = await walk.next();
    ok(items?.type === "items");
    items.receipt.written(1);
    await rejects(walk.next(), /2 rows were given, and what became of 1 was said/);
  }
});

Deno.test("rows are booked by what is said of them", async () => {
  const { context, problems } = await opened(ROWS);
  for await (const record of records(context, { scopes: [text("t")] })) {
    if (record.type === "table") {
      record.receipt.leave("hidden");
      continue;
    }
    const { batch, rows, receipt } = record;
    receipt.refuse(rows[1], context.defect(batch, rows[1], "invalid-item", "it is not wanted"));
    receipt.written(1);
  }
  const [account] = context.ledger.accounts.filter(({ scope }) => scope?.[0] === 0x74);
  deepStrictEqual(account.fates, { hidden: 1, written: 1, unsound: 1, "stale-generation": 1 });
  deepStrictEqual(problems.length, 1);
  strictEqual(problems[0].includes("it is not wanted"), true);
});

Deno.test("what an output leaves out is written where raw rows are wanted", async () => {
  const { context, written } = await opened(ROWS, true);
  for await (const record of records(context, { scopes: [text("t")] })) {
    if (record.type === "table") record.receipt.leave("hidden");
    else accept(record);
  }
  deepStrictEqual(written, ["!ddb|meta|table|dA", "!ddb|item|dA|7|c\0\x01"]);
});

Deno.test("of a range of keys, only its rows are read, in each table", async () => {
  const wide = (name: string): TestEntry[] => [
    tableRow(name),
    ...Array.from(
      { length: 1000 },
      (_, i) =>
        itemRow(name, { id: { S: String(i).padStart(3, "0") }, body: { S: "x".repeat(1000) } }),
    ),
  ];
  const { context, source } = await opened([...wide("a"), ...wide("b"), ...wide("c")]);
  const from = orderedPayload([text("500")]);
  const to = orderedPayload([text("503")]);
  deepStrictEqual(await told(context, { from, to, scopes: [text("a"), text("c")] }), [
    "table a",
    "table c",
    "3 of a",
    "3 of c",
  ]);
  ok(source.bytes < source.size / 4, `${source.bytes} of ${source.size}`);
  deepStrictEqual(await told(context, { from: to, to: from }), ["table a", "table b", "table c"]);
});
