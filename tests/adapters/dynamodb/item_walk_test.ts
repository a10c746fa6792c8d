/** The walk over one item against the kernel of items, and against a naive writer. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { itemObject } from "../../../src/adapters/dynamodb/item_objects.ts";
import {
  ItemWalk,
  WALK_DONE,
  WALK_ODD,
  WALK_PAUSED,
} from "../../../src/adapters/dynamodb/item_walk.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { ITEM_WRITTEN, type ItemForm, loadKernels } from "../../../src/kernels/kernels.ts";
import {
  damaged,
  itemValue,
  naiveText,
  randomForm,
  randomItem,
} from "../../kernels/random_items.ts";
import { bytesField, concat, text } from "../../support/generator/encoding.ts";
import { Random } from "../../support/generator/random.ts";
import { randomSeed } from "../../support/random_seed.ts";
import { hex } from "../../support/stream.ts";
import { readText } from "./support.ts";

const MAGIC = 4;
const kernels = await loadKernels("js");
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the kernel makes of a value: its text and columns of keys, or nothing. */
function byKernel(value: Uint8Array, form: ItemForm) {
  const rows = { bytes: value, ranges: Uint32Array.of(0, 0, 0, value.length), count: 1 };
  const { bytes, table } = kernels.transcodeItems(rows, [0], 0, form);
  if (table[0] !== ITEM_WRITTEN) return undefined;
  return { text: decoder.decode(bytes.subarray(table[1], table[2])), keys: [...table.slice(3, 9)] };
}

/** What the walk makes of it, when it pauses whenever there are so many bytes. */
function byWalk(walk: ItemWalk, value: Uint8Array, limit: number) {
  if (!walk.begin(value, MAGIC, value.length) || !walk.hasKey) return undefined;
  const out = new ByteBuilder();
  let text = "";
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (;;) {
    const state = walk.run(out, limit);
    if (state === WALK_ODD) return undefined;
    text += decoder.decode(out.view(), { stream: state === WALK_PAUSED });
    out.clear();
    if (state !== WALK_DONE) continue;
    const { hash, range } = walk;
    const keys = [hash, range].flatMap(({ kind, start, end }) =>
      kind ? [kind, start, end] : [0, 0, 0]
    );
    return { text, keys };
  }
}

Deno.test("the walk writes what the kernel writes, and what a naive writer does, wherever it pauses", () => {
  const random = new Random(randomSeed());
  let written = 0;
  let unreadable = 0;
  let odd = 0;
  for (let n = 0; n < 3000; n++) {
    const item = randomItem(random);
    const form = randomForm(random);
    const isSound = random.chance(0.7);
    const value = isSound ? itemValue(item) : damaged(random, itemValue(item));
    const walk = new ItemWalk(form);
    const whole = byWalk(walk, value, Infinity);
    const kernel = byKernel(value, form);
    if (kernel) {
      written++;
      deepStrictEqual(whole, kernel);
      strictEqual(walk.unreadable, false);
    } else if (whole) {
      if (walk.unreadable) unreadable++;
      else ok(!isSound);
    } else odd++;
    if (!whole) continue;
    if (isSound) strictEqual(whole.text, naiveText(item, form));
    deepStrictEqual(byWalk(walk, value, random.pick([1, 2, 7, 64])), whole);
    const typed = new ItemWalk({
      ...form,
      plain: false,
      between: undefined,
      before: text(""),
      behind: text(""),
    });
    const json = JSON.parse(byWalk(typed, value, Infinity)!.text);
    deepStrictEqual(
      plainly(itemObject({ bytes: value, start: MAGIC, end: value.length })),
      plainly(json),
    );
    // Without a form, it says the same of the item.
    const check = new ItemWalk({ hash: form.hash, range: form.range });
    ok(check.begin(value, MAGIC, value.length));
    strictEqual(check.run(new ByteBuilder(), 1), WALK_DONE);
    deepStrictEqual([check.unreadable, check.hash, check.range], [
      walk.unreadable,
      walk.hash,
      walk.range,
    ]);
  }
  ok(written > 800 && unreadable > 20 && odd > 100, `${written} ${unreadable} ${odd}`);
});

/** With members in one order, whatever order the reader has made. */
function plainly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, v]) => [name, plainly(v)]).sort(([a], [b]) =>
    a! < b! ? -1 : 1
  );
}

Deno.test("an item whose text is long is the same as one that is not", () => {
  for (
    const [kind, piece, written] of [
      [1, "\x01", "\\u0001"],
      [1, "é", "é"],
      [1, "<", "<"],
      [3, "\x07\x07\x07", "BwcH"],
    ] as const
  ) {
    // Below and above a mebibyte of text; no piece ends where a character does.
    for (const count of [1000, 400_000]) {
      const value = concat(
        hex("00444901" + "0a090a02696412030a016b"),
        bytesField(
          1,
          concat(bytesField(1, "v"), bytesField(2, bytesField(kind, piece.repeat(count)))),
        ),
      );
      const letter = kind === 1 ? "S" : "B";
      const expected = `{"id":{"S":"k"},"v":{"${letter}":"${written.repeat(count)}"}}`;
      strictEqual(readText(value) === expected, true, `${kind} ${piece} ${count}`);
      const keyed = readText(value, { between: text(","), before: text("["), behind: text("]") });
      strictEqual(keyed === `[{"id":{"S":"k"}},${expected}]`, true);
    }
  }
});
