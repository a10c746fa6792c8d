import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { AdapterContext, type AdapterOptions } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { records, type SqsRecord } from "../../../src/adapters/sqs/records.ts";
import type { RecordSelection } from "../../../src/adapters/wanted_rows.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { appendU32, appendU64 } from "../../../src/keyspace/fields.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { rowKey } from "../../../src/mvcc/row_batch.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { CountingSource } from "../../support/counting_source.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";
import { counterRow, key, messageRow, queueRow, seg } from "./support.ts";

interface Opened {
  context: AdapterContext;
  source: CountingSource;
  problems: string[];
}

async function opened(rows: TestEntry[], options: AdapterOptions = {}): Promise<Opened> {
  const source = new CountingSource(stream(rows));
  const snapshot = await openSnapshotInputs([{ source }]);
  const problems: string[] = [];
  const context = new AdapterContext({
    rows: snapshot,
    kernels: await loadKernels(),
    scratch: new MemoryScratch(),
    ledger: new Ledger(snapshot.info.totals),
    options,
    totals: snapshot.info.totals,
    handlers: { onProblem: ({ error }) => void problems.push(error.code), onWarning: () => {} },
  });
  source.reset();
  return { context, source, problems };
}

/** What a record is, in a word or two. */
function told(record: SqsRecord): string {
  const name = `${record.type} ${record.queue.text}`;
  return record.type === "queue" ? name : `${name} × ${record.rows.length}`;
}

function accept(record: SqsRecord): void {
  if (record.type === "queue") record.receipt.written();
  else record.receipt.written(record.rows.length);
}

async function toldAll(
  context: AdapterContext,
  selection: RecordSelection = {},
): Promise<string[]> {
  const list: string[] = [];
  for await (const record of records(context, selection)) {
    list.push(told(record));
    accept(record);
  }
  return list;
}

const ROWS = [
  queueRow("b"),
  counterRow("b"),
  messageRow("b", "m1"),
  messageRow("b", "m2"),
  messageRow("b", "m3", { generation: 2n }),
  queueRow("a", { partition_count: 2 }),
  messageRow("a", "m1", { partition: 0 }),
  messageRow("a", "m2", { partition: 1 }),
  messageRow("lost", "o"),
  { key: key("sqs-age", "b", { generation: 1n, time: 5n, id: "m1" }), value: "m1" },
  { key: key("sqs-sequence", "b"), value: "7" },
];

Deno.test("queues come first, then messages in stored order, then side records", async () => {
  const wanted = { includeOrphans: true, includeSqsSideRecords: true };
  const { context } = await opened(ROWS, wanted);
  deepStrictEqual(await toldAll(context), [
    "queue a",
    "queue b",
    "messages b × 2",
    "orphan_messages lost × 1",
    "messages a × 1",
    "messages a × 1",
    "side_records b × 1",
    "side_records b × 1",
  ]);
  deepStrictEqual(context.ledger.unbalanced, []);
  const plain = await opened(ROWS);
  deepStrictEqual((await toldAll(plain.context)).length, 5);
});

Deno.test("rows are booked by what was said of their records", async () => {
  const { context, problems } = await opened(ROWS.slice(0, 5));
  for await (const record of records(context, {})) {
    if (record.type === "queue") record.receipt.leave("not-selected");
    else if (record.type === "messages") {
      const { batch, rows, receipt } = record;
      receipt.written(1);
      receipt.refuse(rows[1], context.defect(batch, rows[1], "malformed-value", "no good"));
    }
  }
  deepStrictEqual(problems, ["malformed-value"]);
  deepStrictEqual(context.ledger.unbalanced, []);
  deepStrictEqual(context.ledger.accounts[0].fates, {
    "not-selected": 1,
    "operational": 1,
    "written": 1,
    "unsound": 1,
    "stale-generation": 1,
  });
});

Deno.test("whoever does not say what became of a record gets no other one", async () => {
  for (const silent of ["queue", "messages"]) {
    const { context } = await opened(ROWS);
    await rejects(async () => {
      for await (const record of records(context, {})) if (record.type !== silent) accept(record);
    }, /what became of/);
  }
});

/** What stands behind the queue's name in the key of a message. */
function behindName(generation: bigint, id: string, partition?: number): Uint8Array {
  const out = new ByteBuilder();
  if (partition !== undefined) appendU32(out, partition);
  return appendU64(out, generation).text(seg(id)).take();
}

/** The messages of a queue by what stands in their keys behind its name. */
async function idsOf(context: AdapterContext, selection: RecordSelection): Promise<string[]> {
  const ids: string[] = [];
  for await (const record of records(context, selection)) {
    accept(record);
    if (record.type !== "messages") continue;
    for (const i of record.rows) {
      ids.push(new TextDecoder().decode(rowKey(record.batch, i).subarray(record.keys.idAt)));
    }
  }
  return ids;
}

Deno.test("a queue can be read in parts, and a part reads no more than itself", async () => {
  const count = 400;
  const body = `,"body":"${btoa("x".repeat(3000))}"`;
  const id = (i: number): string => `m${String(i).padStart(4, "0")}`;
  for (const partition of [undefined, 1]) {
    const rows = [queueRow("q", { partition_count: partition === undefined ? 0 : 2 })];
    for (let i = 0; i < count; i++) rows.push(messageRow("q", id(i), { json: body, partition }));
    rows.push(messageRow("q2", "of another", { json: body, partition }));
    const { context, source } = await opened(rows);
    const at = (i: number): Uint8Array => behindName(1n, id(i), partition);
    const cuts = [undefined, at(100), at(101), at(300), undefined];
    const ids: string[] = [];
    for (let part = 0; part + 1 < cuts.length; part++) {
      source.reset();
      const selection = { scopes: [bytesOf("q")], from: cuts[part], to: cuts[part + 1] };
      const found = await idsOf(context, selection);
      const share = source.size * found.length / count;
      ok(source.bytes < share + (512 << 10), `${source.bytes} bytes for ${found.length} messages`);
      ids.push(...found);
    }
    deepStrictEqual(ids, Array.from({ length: count }, (_, i) => seg(id(i))));
  }
});

Deno.test("a range of keys needs the names of queues", async () => {
  const { context } = await opened(ROWS);
  await rejects(() => toldAll(context, { from: bytesOf("m") }), RangeError);
});
