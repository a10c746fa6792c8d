/** The programs in examples/ run, with the permissions that they name. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const SQS_FILE = `${ROOT}tests/fixtures/real/sqs-all/snapshot.fsm.gz`;
const FILE = `${ROOT}tests/fixtures/real/ddb-history/snapshot.fsm`;

/** What a program prints, and its exit code. */
async function run(program: string, ...args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      `${ROOT}examples/${program}`,
      ...args,
    ],
  }).output();
  return { code, out: new TextDecoder().decode(stdout) };
}

Deno.test("get_item.ts prints one item, and says when there is none", async () => {
  const found = await run("get_item.ts", FILE, "orders", '{"pk":"cust/0","sk":"15.0"}');
  strictEqual(found.code, 0);
  const { pk, sk, v } = JSON.parse(found.out);
  deepStrictEqual([pk, sk, v], [{ S: "cust/0" }, { N: "15" }, { N: "236" }]);
  const none = await run("get_item.ts", FILE, "orders", '{"pk":{"S":"cust/0"},"sk":{"N":"-1"}}');
  deepStrictEqual(none, { code: 1, out: "" });
});

Deno.test("list_queue.ts lists the messages of a queue", async () => {
  const { code, out } = await run("list_queue.ts", SQS_FILE, "f2.fifo");
  strictEqual(code, 0);
  const lines = out.trimEnd().split("\n");
  const message = "892a477c9856d5a5094232b881e07a6e b0";
  strictEqual(
    lines.some((line) => /^\d{4}-\d\d-\d\dT\S+Z /.test(line) && line.endsWith(message)),
    true,
  );
  strictEqual((await run("list_queue.ts", SQS_FILE, "no such queue")).code, 1);
});
