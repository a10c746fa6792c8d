import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { UnsoundError } from "../../src/errors.ts";
import {
  BoundedList,
  MAX_PROBLEM_BYTES,
  MAX_PROBLEM_KEY,
  MAX_PROBLEMS,
  ProblemList,
  shortText,
} from "../../src/mvcc/problems.ts";
import { bytesOf } from "../support/stream.ts";

function problem(key: Uint8Array, message = "m", scope?: Uint8Array) {
  const place = { file: "f", offset: 7, key, hint: "h" };
  return { error: new UnsoundError("malformed-key", message, place), adapter: "s3", scope };
}

Deno.test("a problem is kept as it is, with a key of its own", () => {
  const problems = new ProblemList();
  const key = bytesOf("key");
  problems.add(problem(key, "what", bytesOf("b")));
  key.fill(0);
  const [{ error, adapter, scope }] = problems.list;
  const { code, message, file, offset, hint, cut } = error;
  deepStrictEqual([adapter, scope, code, message, file, offset, hint, cut], [
    "s3",
    bytesOf("b"),
    "malformed-key",
    "what",
    "f",
    7,
    "h",
    undefined,
  ]);
  deepStrictEqual(error.key, bytesOf("key"));
});

Deno.test("of a long key the beginning is kept, its length and its SHA-256", () => {
  const longest = new Uint8Array(MAX_PROBLEM_KEY).fill(7);
  const longer = new Uint8Array(MAX_PROBLEM_KEY + 1).fill(7);
  const problems = new ProblemList();
  problems.add(problem(longest));
  problems.add(problem(longer));
  deepStrictEqual(problems.list.map(({ error }) => error.cut), [
    undefined,
    { length: MAX_PROBLEM_KEY + 1, sha256: sha256Hex(longer) },
  ]);
  for (const { error } of problems.list) {
    deepStrictEqual(error.key, longest);
    strictEqual(error.key!.buffer.byteLength, MAX_PROBLEM_KEY, "nothing else is kept alive");
  }
});

Deno.test("a problem that is added to a second list is what it was", () => {
  const first = new ProblemList();
  first.add(problem(new Uint8Array(5000), "x".repeat(5000), new Uint8Array(5000)));
  const second = new ProblemList();
  second.add(first.list[0]);
  deepStrictEqual(second.list, first.list);
});

Deno.test("messages and names of scopes are no longer than they need to be", () => {
  const problems = new ProblemList();
  problems.add(problem(bytesOf("k"), "x".repeat(1 << 20), new Uint8Array(1 << 20).fill(0x78)));
  const [{ error, scope }] = problems.list;
  ok(error.message.length <= 1024);
  ok(error.message.endsWith("… (1048576 bytes)"));
  ok(scope!.length < 300);
  strictEqual(shortText("y".repeat(1024)), "y".repeat(1024));
});

Deno.test("the list ends at its number and says that there were more", () => {
  const problems = new ProblemList();
  for (let i = 0; i < MAX_PROBLEMS; i++) problems.add(problem(bytesOf("k")));
  strictEqual(problems.list.length, MAX_PROBLEMS);
  strictEqual(problems.list.at(-1)!.error.message, "m");
  for (let i = 0; i < 3; i++) problems.add(problem(bytesOf("k")));
  strictEqual(problems.list.length, MAX_PROBLEMS + 1);
  ok(problems.list.at(-1)!.error.message.includes("more problems"));
});

Deno.test("the list ends at its bytes, whatever its number", () => {
  const problems = new ProblemList();
  const key = new Uint8Array(1 << 14);
  const most = Math.ceil(MAX_PROBLEM_BYTES / MAX_PROBLEM_KEY);
  for (let i = 0; i < most + 10; i++) problems.add(problem(key));
  ok(problems.list.length <= most + 1, `${problems.list.length}`);
  ok(problems.list.length > most / 2);
  ok(problems.list.at(-1)!.error.message.includes("more problems"));
});

Deno.test("what a bounded list does not keep is counted", () => {
  const list = new BoundedList<number>();
  for (let i = 0; i < 5; i++) list.add(i, MAX_PROBLEM_BYTES / 2);
  deepStrictEqual([list.list, list.left], [[0, 1], 3]);
});
