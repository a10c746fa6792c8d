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
  const receipt = new BatchReceipt(3);
  receipt.written(1);
  throws(() => receipt.settle(), /3 rows were given, and what became of 1 was said/);
  receipt.refuse(7, ERROR);
  receipt.written(1);
  receipt.settle();
  strictEqual(receipt.rowsWritten, 2);
  deepStrictEqual(receipt.refused, [{ row: 7, error: ERROR }]);
  receipt.written(1);
  throws(() => receipt.settle(), /what became of 4/);
});
