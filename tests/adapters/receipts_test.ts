import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { BatchReceipt, Receipt } from "../../src/adapters/receipts.ts";
import { UnsoundError } from "../../src/errors.ts";

const ERROR = new UnsoundError("malformed-value", "no item");

Deno.test("a receipt has one answer", () => {
  const written = new Receipt();
  written.written();
  strictEqual(written.outcome, "written");
  throws(() => written.leave("orphan"), /two answers/);
  const refused = new Receipt();
  refused.refuse(ERROR);
  strictEqual(refused.outcome, ERROR);
  const left = new Receipt();
  left.leave("not-loadable");
  strictEqual(left.outcome, "not-loadable");
});

Deno.test("a record that nobody answered for is a defect of the program", () => {
  throws(() => new Receipt().outcome, /nobody said/);
});

Deno.test("every row of a batch has an answer", () => {
  const booked: number[] = [];
  const receipt = new BatchReceipt(3, ({ rowsWritten }) => booked.push(rowsWritten));
  receipt.written(1);
  throws(() => receipt.settle(), /3 rows were given, and what became of 1 was said/);
  receipt.refuse(7, ERROR);
  receipt.written(1);
  receipt.settle();
  deepStrictEqual(booked, [2]);
  deepStrictEqual(receipt.refused, [{ row: 7, error: ERROR }]);
  throws(() => receipt.written(1), /what became of 4/);
});

Deno.test("answers may come later if that is said before, and are booked when all are there", () => {
  const booked: number[] = [];
  const receipt = new BatchReceipt(2, ({ rowsWritten }) => booked.push(rowsWritten));
  receipt.later();
  receipt.settle();
  receipt.written(1);
  deepStrictEqual(booked, []);
  receipt.refuse(1, ERROR);
  deepStrictEqual(booked, [1]);
  throws(() => receipt.refuse(1, ERROR), /what became of 3/);
});
