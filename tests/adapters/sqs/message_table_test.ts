import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { MessageTable } from "../../../src/adapters/sqs/message_table.ts";
import type { MessagesRecord } from "../../../src/adapters/sqs/records.ts";
import { type Kernels, loadKernels } from "../../../src/kernels/kernels.ts";
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

function tableOf(kernels: Kernels, record: MessagesRecord, preserve: boolean) {
  const table = new MessageTable(kernels, preserve).fill(record);
  return {
    documents: table.documents.view().toHex(),
    orders: table.orders.view().toHex(),
    ends: [...table.ends.subarray(0, record.rows.length * 2)],
    wrong: [...table.wrong],
  };
}

Deno.test("messages are the same with both kernels, damaged or not", () => {
  const random = new Random(randomSeed());
  const seen = { kernel: 0, unsound: 0 };
  for (let round = 0; round < 300; round++) {
    const partition = random.chance(0.5) ? random.below(9) : undefined;
    const values = Array.from({ length: 40 }, (): [Uint8Array, Uint8Array] => {
      const message = randomMessage(random);
      if (random.chance(0.05)) message.body = text("a long body ".repeat(5_000));
      const value = messageValue(message);
      return [
        messageKey(message),
        random.chance(0.5) ? value : damagedMessage(random, value),
      ];
    });
    const rows = messageRows(values);
    const places = Uint32Array.from({ length: rows.count }, (_, i) => i);
    const keys = { idAt: ID_AT, generation: 7n, partition };
    const record = { batch: rows, rows: places, keys } as unknown as MessagesRecord;
    const preserve = random.chance(0.5);
    const expected = tableOf(js, record, preserve);
    deepStrictEqual(tableOf(wasm, record, preserve), expected);
    seen.unsound += expected.wrong.length;
    const { table } = wasm.transcodeMessages(rows, places, 0, {
      ...keys,
      preserveVisibility: preserve,
    });
    seen.kernel += table.filter((status, i) => i % 5 === 0 && status === 0).length;
  }
  ok(seen.kernel > 1_000 && seen.unsound > 1_000, JSON.stringify(seen));
});

Deno.test("a table is filled anew for each record", () => {
  const random = new Random(1);
  const table = new MessageTable(wasm, false);
  for (const count of [3, 1]) {
    const messages = Array.from({ length: count }, () => randomMessage(random));
    const batch = messageRows(messages.map((m) => [messageKey(m), messageValue(m)]));
    const rows = Uint32Array.from({ length: count }, (_, i) => i);
    const keys = { idAt: ID_AT, generation: 7n };
    table.fill({ batch, rows, keys } as unknown as MessagesRecord);
    strictEqual(table.ends[2 * count - 2], table.documents.length);
    strictEqual(table.ends[2 * count - 1], table.orders.length);
  }
});
