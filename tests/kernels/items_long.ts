import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  ITEM_COLUMNS,
  ITEM_HTML,
  ITEM_INDENTED,
  ITEM_INPUT_LIMIT,
  ITEM_KEYED,
  ITEM_LEFT,
  ITEM_NAME_OUT_OF_BOUNDS,
  ITEM_NAME_RESPELLED,
  ITEM_NAMED,
  ITEM_PLAIN,
  ITEM_TEXT_LIMIT,
  ITEM_WRITTEN,
  type ItemForm,
  ITEMS_NAMES_LIMIT,
  ITEMS_OUTPUT_LIMIT,
  type Kernels,
  loadKernels,
  type Rows,
} from "../../src/kernels/kernels.ts";
import type { ItemExports } from "../../src/kernels/wasm_items.ts";
import { segment } from "../adapters/dynamodb/naive.ts";
import { type AttributeValue, type Item, valueOf } from "../adapters/dynamodb/rows.ts";
import { bytesField, concat, text } from "../support/generator/encoding.ts";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";
import { hex } from "../support/stream.ts";
import { GuardedMemory, rawKernels, u32Bytes } from "./guarded_memory.ts";
import { damaged, itemValue, naiveText, randomForm, randomItem } from "./random_items.ts";

const js = await loadKernels("js");
const wasm = await loadKernels("wasm");

const FORM: ItemForm = {
  hash: text("id"),
  plain: false,
  indent: false,
  html: false,
  before: text(""),
  behind: text(""),
};
const NAMED: ItemForm = { ...FORM, name: { before: text("items/"), behind: text(".json") } };

/** A batch with these values. What lies between and around them is `filler`. */
function batchOf(values: Uint8Array[], filler = 0x22, gap = 9): Rows {
  const ranges = new Uint32Array(4 * values.length);
  const parts: Uint8Array[] = [];
  let at = 0;
  const add = (part: Uint8Array): number => {
    parts.push(part);
    return at += part.length;
  };
  values.forEach((value, i) => {
    const start = add(new Uint8Array(gap).fill(filler));
    ranges.set([start - gap, start - gap, start, start + value.length], 4 * i);
    add(value);
  });
  add(new Uint8Array(40).fill(filler));
  return { bytes: concat(...parts), ranges, count: values.length };
}

/** What one row has become: nothing if it was left. */
interface Written {
  text: string;
  key: string[];
  flags: number;
  name: string;
}

/** All rows, in as many calls as it takes. */
function all(kernels: Kernels, rows: Rows, form: ItemForm, places?: number[]) {
  const wanted = places ?? Array.from({ length: rows.count }, (_, i) => i);
  const written: (Written | undefined)[] = [];
  while (written.length < wanted.length) {
    const { count, bytes, table, names } = kernels.transcodeItems(
      rows,
      wanted,
      written.length,
      form,
    );
    ok(count > 0 && table.length === count * ITEM_COLUMNS);
    for (let i = 0; i < count; i++) {
      const columns = table.subarray(i * ITEM_COLUMNS, (i + 1) * ITEM_COLUMNS);
      if (columns[0] === ITEM_LEFT) {
        deepStrictEqual([...columns.subarray(1)], new Array(ITEM_COLUMNS - 1).fill(0));
        written.push(undefined);
        continue;
      }
      strictEqual(columns[0], ITEM_WRITTEN);
      written.push({
        text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
          .decode(bytes.subarray(columns[1], columns[2])),
        key: [3, 6].map((k) =>
          `${columns[k]}:${rows.bytes.subarray(columns[k + 1], columns[k + 2]).toHex()}`
        ),
        flags: columns[9],
        name: names.slice(columns[10], columns[11]),
      });
    }
  }
  return written;
}

const one = (kernels: Kernels, item: Item | Uint8Array, form = FORM): Written | undefined =>
  all(kernels, batchOf([item instanceof Uint8Array ? item : itemValue(item)]), form)[0];

for (const kernels of [js, wasm]) {
  Deno.test(`${kernels.name}: an item is written with its types, or plain, in lines or in one`, () => {
    const item: Item = {
      id: { S: "a<b" },
      all: { L: [{ N: "1.50" }, { N: "0x1" }, { BOOL: true }, { BOOL: false }, { NULL: true }] },
      empty: { M: { l: { L: [] }, m: { M: {} } } },
      sets: { M: { b: { BS: ["/w=="] }, n: { NS: ["7"] }, s: { SS: ["x", "y"] } } },
    };
    strictEqual(
      one(kernels, item)?.text,
      '{"all":{"L":[{"N":"1.50"},{"N":"0x1"},{"BOOL":true},{"BOOL":false},{"NULL":true}]},' +
        '"empty":{"M":{"l":{"L":[]},"m":{"M":{}}}},"id":{"S":"a<b"},' +
        '"sets":{"M":{"b":{"BS":["/w=="]},"n":{"NS":["7"]},"s":{"SS":["x","y"]}}}}',
    );
    strictEqual(
      one(kernels, item, { ...FORM, plain: true })?.text,
      '{"all":[1.50,"0x1",true,false,null],"empty":{"l":[],"m":{}},"id":"a<b",' +
        '"sets":{"b":["/w=="],"n":[7],"s":["x","y"]}}',
    );
    strictEqual(
      one(kernels, { id: { S: "a<b" }, l: { L: [{ M: {} }] } }, {
        ...FORM,
        indent: true,
        html: true,
      })?.text,
      `{
  "id": {
    "S": "a\\u003cb"
  },
  "l": {
    "L": [
      {
        "M": {}
      }
    ]
  }
}`,
    );
  });

  Deno.test(`${kernels.name}: a line has the key, the item, and what stands around them`, () => {
    const item: Item = { id: { S: "k" }, sk: { N: "1.0" }, x: { B: "AA==" } };
    const form = {
      ...FORM,
      range: text("sk"),
      before: text('{"key":'),
      between: text(',"value":'),
      behind: text("}\n"),
    };
    strictEqual(
      one(kernels, item, form)?.text,
      '{"key":{"id":{"S":"k"},"sk":{"N":"1.0"}},' +
        '"value":{"id":{"S":"k"},"sk":{"N":"1.0"},"x":{"B":"AA=="}}}\n',
    );
    deepStrictEqual(one(kernels, item, form)?.key, ["1:6b", "2:312e30"]);
  });

  Deno.test(`${kernels.name}: file names follow the rules of path segments`, () => {
    const cases: [hash: AttributeValue, range: AttributeValue, name: string, flags?: number][] = [
      [{ S: "a/b" }, { S: "ü" }, "a%2Fb/%C3%BC"],
      [{ S: "." }, { S: ".." }, "%2E/%2E%2E"],
      [{ S: "..." }, { S: ".x" }, ".../.x"],
      [{ S: "AZaz09-._~%" }, { S: "" }, "AZaz09-._%7E%25/"],
      [{ S: "" }, { S: "r" }, "r"],
      [{ N: "1.50" }, { N: "-25e-1" }, "3%2F2/-5%2F2", ITEM_NAME_RESPELLED],
      [{ N: "7" }, { N: "-1" }, "7/-1"],
      [{ N: "017/3" }, { N: "\u20037" }, "5/7", ITEM_NAME_RESPELLED],
      [{ N: "1e30000" }, { N: "1" }, "1e30000/1", ITEM_NAME_OUT_OF_BOUNDS],
      [{ B: "AP8=" }, { B: "" }, "b64.AP8/b64."],
      [{ B: "+/+/" }, { S: "b64.x" }, `b64.-_-_/${segment(text("b64.x"))}`],
      [
        { S: "x".repeat(240) },
        { S: "y".repeat(241) },
        `${"x".repeat(240)}/${segment(text("y".repeat(241)))}`,
      ],
      [
        { S: "é".repeat(40) },
        { S: "é".repeat(41) },
        `${"%C3%A9".repeat(40)}/${segment(text("é".repeat(41)))}`,
      ],
      [
        { S: "0123456789abcdefABCDEF0123456789__" },
        { S: "g123456789abcdefABCDEF0123456789__" },
        segment(text("0123456789abcdefABCDEF0123456789__")) + "/g123456789abcdefABCDEF0123456789__",
      ],
    ];
    for (const [id, sk, name, flags = 0] of cases) {
      const written = one(kernels, { id, sk }, { ...NAMED, range: text("sk") });
      deepStrictEqual([written?.name, written?.flags], [`items/${name}.json`, flags]);
    }
    strictEqual(one(kernels, { id: { S: "" } }, NAMED)?.name, "items/.json");
    for (const length of [176, 177, 178, 179]) {
      const bytes = new Uint8Array(length).fill(0xfb);
      const base64 = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
      const name = one(kernels, { id: { B: bytes.toBase64() } }, NAMED)!.name;
      if (base64.length <= 236) strictEqual(name, `items/b64.${base64}.json`);
      else ok(/^items\/[0-9a-f]{32}__/.test(name));
    }
  });

  Deno.test(`${kernels.name}: what no server writes is left`, () => {
    const attribute = (name: string, value: Uint8Array): Uint8Array =>
      bytesField(1, concat(bytesField(1, name), bytesField(2, value)));
    const id = attribute("id", valueOf({ S: "a" }));
    const stored = (...parts: Uint8Array[]): Uint8Array => concat(hex("00444901"), ...parts);
    const deep = (levels: number): Uint8Array => {
      let value = valueOf({ S: "x" });
      for (let i = 1; i < levels; i++) value = bytesField(9, bytesField(1, value));
      return stored(id, attribute("l", value));
    };
    const left: Record<string, Uint8Array> = {
      "empty": hex(""),
      "no magic number": concat(hex("00445301"), id),
      "JSON": text('{"id":{"S":"a"}}'),
      "no key": stored(attribute("x", valueOf({ S: "a" }))),
      "no attributes": stored(),
      "a key of another kind": stored(attribute("id", valueOf({ BOOL: true }))),
      "unordered names": stored(id, attribute("b", valueOf({ S: "" }))),
      "one name twice": stored(id, id),
      "not UTF-8": stored(id, attribute("x", bytesField(1, hex("ff")))),
      "a cut character": stored(id, attribute("x", bytesField(1, hex("e282")))),
      "a surrogate": stored(id, attribute("x", bytesField(1, hex("eda080")))),
      "too long a spelling": stored(id, attribute("x", bytesField(1, hex("c080")))),
      "beyond Unicode": stored(id, attribute("x", bytesField(1, hex("f4908080")))),
      "a name that is not UTF-8": stored(
        attribute("id", valueOf({ S: "a" })),
        hex("0a070a01ff12020a00"),
      ),
      "no value": stored(bytesField(1, bytesField(1, "a")), id),
      "an empty value": stored(id, attribute("x", hex(""))),
      "two members": stored(id, attribute("x", hex("0a000a00"))),
      "false of NULL": stored(id, attribute("x", hex("2800"))),
      "a flag of two": stored(id, attribute("x", hex("2002"))),
      "an empty set": stored(id, attribute("x", hex("3200"))),
      "an unknown member": stored(id, attribute("x", hex("5a00"))),
      "a wrong wire type": stored(id, attribute("x", hex("0801"))),
      "a long length": stored(id, attribute("x", hex("0a8080808000"))),
      "something behind": concat(stored(id), hex("7a00")),
      "too deep": deep(33),
    };
    for (const [what, value] of Object.entries(left)) {
      strictEqual(one(kernels, value), undefined, what);
    }
    ok(one(kernels, stored(id)));
    ok(one(kernels, deep(32)));
    ok(one(kernels, stored(id, attribute("x", hex("0a80808000")))), "longer lengths than needed");
    strictEqual(one(kernels, { id: { S: "a" } }, { ...FORM, range: text("sk") }), undefined);
  });

  Deno.test(`${kernels.name}: an item that is too long, or could become so, is left`, () => {
    const item = (length: number): Item => ({ id: { S: "a" }, x: { B: "A".repeat(length) } });
    const around = itemValue(item(0)).length;
    const fit = Math.floor((ITEM_INPUT_LIMIT - around - 12) / 3) * 4;
    ok(one(kernels, item(fit)));
    strictEqual(one(kernels, item(fit + 40)), undefined);
    // A byte of text can become six.
    const text6 = (length: number): Item => ({ id: { S: "a" }, x: { S: "\x01".repeat(length) } });
    const most = Math.floor((ITEM_TEXT_LIMIT - 200) / 6);
    strictEqual(one(kernels, text6(most))?.text.length, 6 * most + 29);
    strictEqual(one(kernels, text6(most + 100)), undefined);
    // A few bytes in lines can become hundreds.
    const wide = (elements: number): Item => {
      let value: AttributeValue = { L: new Array(elements).fill({ BOOL: true }) };
      for (let i = 0; i < 30; i++) value = { L: [value] };
      return { id: { S: "a" }, x: value };
    };
    ok(one(kernels, wide(10_000), { ...FORM, indent: true }));
    strictEqual(one(kernels, wide(20_000), { ...FORM, indent: true }), undefined);
    const frame = { ...FORM, before: new Uint8Array(70_000) };
    strictEqual(one(kernels, { id: { S: "a" } }, frame), undefined);
  });

  Deno.test(`${kernels.name}: a batch takes as many calls as it needs, and rows can be passed over`, () => {
    const items = Array.from(
      { length: 9_000 },
      (_, i): Item => ({ id: { S: `${i}` }, x: { S: "x".repeat(i % 900) } }),
    );
    items[5] = { x: { S: "no key" } };
    items[7].x = { B: "A".repeat(400_000) };
    const rows = batchOf(items.map(itemValue));
    const expected = items.map((item) => item.id && naiveText(item, NAMED));
    deepStrictEqual(all(kernels, rows, NAMED).map((written) => written?.text), expected);
    const odd = items.map((_, i) => i).filter((i) => i % 2 === 1);
    deepStrictEqual(
      all(kernels, rows, NAMED, odd).map((written) => [written?.text, written?.name]),
      odd.map((i) => expected[i] ? [expected[i], `items/${i}.json`] : [undefined, undefined]),
    );
  });

  Deno.test(`${kernels.name}: what was written stays while other kernels run`, () => {
    const rows = batchOf([itemValue({ id: { S: "a" } })]);
    const { bytes, table } = kernels.transcodeItems(rows, [0], 0, FORM);
    const message = { idAt: 0, generation: 1n, preserveVisibility: false };
    kernels.transcodeMessages(rows, [0], 0, message);
    strictEqual(new TextDecoder().decode(bytes.subarray(table[1], table[2])), '{"id":{"S":"a"}}');
  });
}

Deno.test("items that servers write become what objects would, in every form", () => {
  const random = new Random(randomSeed());
  let written = 0;
  for (let round = 0; round < 400; round++) {
    const form = randomForm(random);
    const items = Array.from({ length: 30 }, () => randomItem(random));
    const rows = batchOf(items.map(itemValue), random.below(256));
    const results = all(wasm, rows, form);
    deepStrictEqual(all(js, rows, form), results);
    results.forEach((result, i) => {
      if (!result) return;
      written++;
      strictEqual(result.text, naiveText(items[i], form));
      const { id, sk } = items[i];
      if (!form.name || !("S" in id) || (form.range && !("S" in sk))) return;
      const hash = segment(text(id.S));
      const range = form.range && segment(text((sk as { S: string }).S));
      const name = range === undefined ? hash : hash === "" ? range : `${hash}/${range}`;
      strictEqual(result.name, `items/${name}.json`);
    });
  }
  ok(written > 6_000, `only ${written} items were written`);
});

Deno.test("damaged and truncated items are the same to both kernels, whatever lies around them", () => {
  const random = new Random(randomSeed());
  const seen = { written: 0, left: 0 };
  for (let round = 0; round < 400; round++) {
    const form = randomForm(random);
    const values = Array.from({ length: 40 }, () => {
      const value = itemValue(randomItem(random));
      return random.chance(0.9) ? damaged(random, value) : random.bytes(random.below(60));
    });
    const gap = random.below(30);
    const expected = all(js, batchOf(values, 0x22, gap), form);
    for (const filler of [0, 0x22, 0x80, 0xff]) {
      deepStrictEqual(all(wasm, batchOf(values, filler, gap), form), expected);
    }
    for (const result of expected) seen[result ? "written" : "left"]++;
  }
  ok(seen.written > 500 && seen.left > 5_000, JSON.stringify(seen));
});

Deno.test("of an item that is cut, only whole attributes are written", () => {
  const random = new Random(randomSeed());
  for (let n = 0; n < 20; n++) {
    const item: Item = { ...randomItem(random), id: { S: "a" }, zz: { S: "é\n" } };
    const value = itemValue(item);
    const cuts = batchOf(Array.from({ length: value.length }, (_, at) => value.subarray(0, at)));
    const results = all(wasm, cuts, FORM);
    deepStrictEqual(results, all(js, cuts, FORM));
    const written = results.filter((result) => result !== undefined);
    ok(written.length < Object.keys(item).length);
    for (const { text } of written) ok(naiveText(item, FORM).startsWith(text.slice(0, -1)));
  }
});

Deno.test("the kernel of items writes nothing outside of the room that it is given", async () => {
  const kernels = await rawKernels<ItemExports>();
  const random = new Random(randomSeed());
  for (let round = 0; round < 10; round++) {
    const values = Array.from({ length: 300 }, () => {
      const value = itemValue(randomItem(random));
      return random.chance(0.3) ? damaged(random, value) : value;
    });
    // One that meets the limit of texts.
    const length = 700_000 - random.below(2_000);
    values.push(itemValue({ id: { S: "a" }, x: { S: "\x01".repeat(length) } }));
    const { bytes, ranges, count } = batchOf(values);
    const { hash, range, before, between, behind, name, ...form } = randomForm(random);
    const how = (form.plain ? ITEM_PLAIN : 0) | (form.indent ? ITEM_INDENTED : 0) |
      (form.html ? ITEM_HTML : 0) | (between ? ITEM_KEYED : 0) | (name ? ITEM_NAMED : 0);

    const memory = new GuardedMemory(kernels);
    const input = memory.readable(bytes);
    const pairs = memory.readable(u32Bytes(ranges.filter((_, i) => i % 4 >= 2)));
    const frame = [hash, range, before, between, behind, name?.before, name?.behind]
      .flatMap((part = text("")) => {
        const start = memory.readable(part);
        return [start, start + part.length];
      });
    const texts = memory.readable(u32Bytes(frame));
    const table = memory.writable(4 * ITEM_COLUMNS * count);
    const names = memory.writable(ITEMS_NAMES_LIMIT + 0x400);
    const output = memory.writable(ITEMS_OUTPUT_LIMIT + ITEM_TEXT_LIMIT);
    memory.watch();
    ok(kernels.transcodeItems(input, pairs, count, how, texts, output, names, table) > 0);
    memory.check();
  }
});
