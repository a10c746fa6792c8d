import { deepStrictEqual, ok } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { BatchReceipt } from "../../../src/adapters/receipts.ts";
import type { MessagesRecord } from "../../../src/adapters/sqs/records.ts";
import type { QueueState } from "../../../src/adapters/sqs/scopes.ts";
import { SortedDocuments } from "../../../src/adapters/sqs/sorted_documents.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { type Kernels, loadKernels } from "../../../src/kernels/kernels.ts";
import { copyRow, type RowBatch, type RowHandle } from "../../../src/mvcc/row_batch.ts";
import type { Rows } from "../../../src/mvcc/rows.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { JsonWriter } from "../../../src/text/json_writer.ts";
import { writeAll } from "../../../src/tree/pieces.ts";
import { text } from "../../support/generator/encoding.ts";
import { Random } from "../../support/generator/random.ts";
import { randomSeed } from "../../support/random_seed.ts";
import {
  damagedMessage,
  ID_AT,
  messageKey,
  messageRows,
  messageValue,
  randomMessage,
} from "../../kernels/random_messages.ts";

const js = await loadKernels("js");
const wasm = await loadKernels("wasm");

/** What came of some records: documents in their order, and what was refused. */
interface Found {
  documents: string[];
  refused: string[];
}

async function sort(
  kernels: Kernels,
  records: MessagesRecord[],
  preserve: boolean,
): Promise<Found> {
  const found: Found = { documents: [], refused: [] };
  let current: RowBatch;
  const rows = {
    nameOf: () => "a.fsm",
    read: ({ position }: RowHandle) => Promise.resolve(copyRow(current, position)),
  } as unknown as Rows;
  const context = new AdapterContext({
    rows,
    kernels,
    scratch: new MemoryScratch(1 << 30),
    ledger: new Ledger([]),
    options: { preserveSqsVisibility: preserve },
    handlers: { onProblem: () => {}, onWarning: () => {} },
    totals: [],
  });
  const sorted = new SortedDocuments(context);
  for (const record of records) {
    current = record.batch;
    let booked = 0;
    const receipt = new BatchReceipt(record.rows.length, ({ refused }) => {
      booked++;
      for (const { error } of refused) found.refused.push(`${error.offset} ${error.message}`);
    });
    await sorted.take({ ...record, receipt });
    deepStrictEqual(booked, 1);
  }
  await sorted.give(({ id, text }) => {
    const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
    if (text instanceof Uint8Array) json.out.append(text);
    else writeAll(text(json));
    found.documents.push(`${new TextDecoder().decode(id)} ${json.out.view().toHex()}`);
  });
  sorted.close();
  return found;
}

/** A batch whose rows are found by their number. */
function batchOf(values: [Uint8Array, Uint8Array][]): RowBatch {
  const { bytes, ranges, count } = messageRows(values);
  return {
    bytes,
    ranges,
    count,
    positions: Float64Array.from({ length: count }, (_, i) => i),
    lengths: new Uint32Array(count),
    inputs: new Uint16Array(count),
  };
}

Deno.test("messages are the same with both kernels, damaged or not", async () => {
  const random = new Random(randomSeed());
  const seen = { documents: 0, refused: 0 };
  const queue = { segment: "cQ" } as QueueState;
  for (let round = 0; round < 60; round++) {
    const partition = random.chance(0.5) ? random.below(9) : undefined;
    const values = new Map<string, [Uint8Array, Uint8Array]>();
    for (let left = random.pick([20, 63, 64, 300]); left > 0; left--) {
      const message = randomMessage(random);
      if (random.chance(0.02)) message.body = text("a long body ".repeat(5000));
      const value = messageValue(message);
      const kept = random.chance(0.5) ? value : damagedMessage(random, value);
      values.set(message.message_id, [messageKey(message), kept]);
    }
    const batch = batchOf([...values.values()]);
    const rows = Uint32Array.from({ length: batch.count }, (_, i) => i);
    const keys = { idAt: ID_AT, generation: 7n, partition };
    const record = { type: "messages", queue, batch, rows, keys } as unknown as MessagesRecord;
    const preserve = random.chance(0.5);
    const expected = await sort(js, [record], preserve);
    const found = await sort(wasm, [record], preserve);
    deepStrictEqual(found.documents, expected.documents);
    deepStrictEqual(found.refused, expected.refused);
    seen.documents += expected.documents.length;
    seen.refused += expected.refused.length;
  }
  ok(seen.documents > 1000 && seen.refused > 500, JSON.stringify(seen));
});
