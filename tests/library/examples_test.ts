/** The programs in examples/ run, with the permissions that they name. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const SQS_FILE = `${ROOT}tests/fixtures/real/sqs-all/snapshot.fsm.gz`;
const S3_FILE = `${ROOT}tests/fixtures/real/multi-group/group-2.fsm`;
const FILE = `${ROOT}tests/fixtures/real/ddb-history/snapshot.fsm`;

/** What a program prints, and its exit code. */
interface Ended {
  code: number;
  out: string;
  bytes: Uint8Array<ArrayBuffer>;
}

async function run(program: string, ...args: string[]): Promise<Ended> {
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
  return { code, out: new TextDecoder().decode(stdout), bytes: stdout };
}

Deno.test("get_item.ts prints one item, and says when there is none", async () => {
  const found = await run("get_item.ts", FILE, "orders", '{"pk":"cust/0","sk":"15.0"}');
  strictEqual(found.code, 0);
  const { pk, sk, v } = JSON.parse(found.out);
  deepStrictEqual([pk, sk, v], [{ S: "cust/0" }, { N: "15" }, { N: "236" }]);
  const none = await run("get_item.ts", FILE, "orders", '{"pk":{"S":"cust/0"},"sk":{"N":"-1"}}');
  deepStrictEqual([none.code, none.out], [1, ""]);
});

Deno.test("get_object.ts writes the body of one object, and says when there is none", async () => {
  const found = await run("get_object.ts", S3_FILE, "bk-one", "meadow/o6");
  strictEqual(found.code, 0);
  const hash = await crypto.subtle.digest("SHA-256", found.bytes);
  strictEqual(
    new Uint8Array(hash).toHex(),
    "c5a0df26527a552ed38a0d8ba2b5499601a319e6eadcdde5b0e185f53ec04855",
  );
  strictEqual((await run("get_object.ts", S3_FILE, "bk-one", "no such key")).code, 1);
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
