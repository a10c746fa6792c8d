import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { DIGEST_LENGTH, ITEM_COLUMNS, ITEM_LEFT, loadKernels } from "../../src/kernels/kernels.ts";
import type { ItemExports } from "../../src/kernels/wasm_items.ts";
import { itemValue } from "../adapters/dynamodb/rows.ts";
import { concat, text } from "../support/generator/encoding.ts";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";
import { GuardedMemory, rawKernels, u32Bytes } from "./guarded_memory.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const kernels = await rawKernels<ItemExports>();

/** The digests of some texts, which are side by side. */
function digests(texts: Uint8Array[]): string[] {
  const memory = new GuardedMemory(kernels);
  let at = 0;
  const ranges = texts.flatMap((text) => [at, at += text.length]);
  const bytes = memory.readable(concat(...texts));
  const table = memory.readable(u32Bytes(ranges));
  const output = memory.writable(DIGEST_LENGTH * texts.length);
  memory.watch();
  kernels.sha256(bytes, table, 8, texts.length, output);
  memory.check();
  const whole = new Uint8Array(kernels.memory.buffer);
  return texts.map((_, i) =>
    whole.slice(output + DIGEST_LENGTH * i, output + DIGEST_LENGTH * (i + 1)).toHex()
  );
}

Deno.test("the digests of the standard's examples", () => {
  deepStrictEqual(digests([text(""), text("abc")]), [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  ]);
  deepStrictEqual(digests([]), []);
});

Deno.test("texts of all lengths around the ends of blocks, alone and beside others", () => {
  const random = new Random(1);
  const texts = Array.from({ length: 260 }, (_, length) => random.bytes(length));
  deepStrictEqual(digests(texts), texts.map(sha256));
  for (const each of texts.slice(50, 70)) strictEqual(digests([each])[0], sha256(each));
});

Deno.test("texts of very different lengths beside each other", () => {
  const random = new Random(randomSeed());
  for (let round = 0; round < 20; round++) {
    const texts = Array.from(
      { length: random.between(1, 9) },
      () => random.bytes(random.below(random.pick([10, 200, 3_000, 20_000]))),
    );
    deepStrictEqual(digests(texts), texts.map(sha256));
  }
});

Deno.test("items come with the digests of their texts, where they are wanted", async () => {
  const wasm = await loadKernels("wasm");
  const values = Array.from(
    { length: 100 },
    (_, i) =>
      i % 7 === 3 ? text("left") : itemValue({ id: { S: `${i}` }, x: { S: "é".repeat(i) } }),
  );
  const ranges = new Uint32Array(4 * values.length);
  let at = 0;
  values.forEach(({ length }, i) => ranges.set([at, at, at, at += length], 4 * i));
  const rows = { bytes: concat(...values), ranges, count: values.length };
  const form = {
    hash: text("id"),
    plain: false,
    indent: true,
    html: true,
    before: text(""),
    behind: text(""),
  };
  const places = values.map((_, i) => i);
  strictEqual(wasm.transcodeItems(rows, places, 0, form).digests, undefined);
  const { bytes, table, digests: all } = wasm.transcodeItems(rows, places, 0, {
    ...form,
    digests: true,
  });
  strictEqual(all?.length, DIGEST_LENGTH * values.length);
  for (let i = 0; i < values.length; i++) {
    const [status, start, end] = table.subarray(i * ITEM_COLUMNS);
    if (status === ITEM_LEFT) continue;
    const digest: Uint8Array = all!.subarray(DIGEST_LENGTH * i, DIGEST_LENGTH * (i + 1));
    strictEqual(digest.toHex(), sha256(bytes.subarray(start, end)));
  }
});
