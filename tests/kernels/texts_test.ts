import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Kernels,
  loadKernels,
  type Rows,
  type TextForm,
  TEXTS_FRAME_LIMIT,
  TEXTS_OUTPUT_LIMIT,
  TEXTS_ROW_LIMIT,
} from "../../src/kernels/kernels.ts";
import type { TextExports } from "../../src/kernels/wasm_texts.ts";
import { text } from "../support/generator/encoding.ts";
import { Random } from "../support/generator/random.ts";
import { randomSeed } from "../support/random_seed.ts";
import { GuardedMemory, rawKernels, u32Bytes } from "./guarded_memory.ts";

const KERNELS: readonly Kernels[] = [await loadKernels("wasm"), await loadKernels("js")];

const BINARY: TextForm["binary"] = [text('{"base64":"'), text('"}')];
const LIST: TextForm = { columns: [2], around: [text(","), text("")], binary: BINARY, html: false };
const HASH: TextForm = {
  columns: [0, 2],
  around: [text(',\n{"name": '), text(',\n"value": '), text("}")],
  binary: [text('{\n"base64": "'), text('"\n}')],
  html: true,
};

/** Rows with something between their parts, as they lie in a file. */
function rowsOf(pairs: [Uint8Array, Uint8Array][]): Rows {
  const parts: Uint8Array[] = [];
  const ranges: number[] = [];
  let at = 0;
  for (const pair of pairs) {
    for (const part of pair) {
      parts.push(Uint8Array.of(0xff, 0x22, 0xe2), part);
      at += 3 + part.length;
      ranges.push(at - part.length, at);
    }
  }
  const bytes = new Uint8Array(at);
  for (let i = 0, to = 0; i < parts.length; to += parts[i++].length) bytes.set(parts[i], to);
  return { bytes, ranges: Uint32Array.from(ranges), count: pairs.length };
}

/** The text of each row; nothing of one that is too long. */
function all(kernels: Kernels, rows: Rows, form: TextForm): (string | undefined)[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts: (string | undefined)[] = [];
  while (texts.length < rows.count) {
    const { count, bytes, ends } = kernels.writeTexts(rows, texts.length, form);
    strictEqual(ends.length, count);
    strictEqual(bytes.length, ends[count - 1] ?? 0);
    for (let i = 0, at = 0; i < count; at = ends[i++]) {
      texts.push(decoder.decode(bytes.subarray(at, ends[i])));
    }
    if (count === 0) texts.push(undefined);
  }
  return texts;
}

/** Bytes that are text, nearly text, or none. */
function randomBytes(random: Random): Uint8Array {
  const length = random.below(random.below(20) === 0 ? 300 : 40);
  const pieces = [
    "a",
    "plain text ",
    '"',
    "\\",
    "\n",
    "\x01",
    "<&>",
    "é",
    "\u2028",
    "\u2029",
    "😀",
    "\x7f",
  ];
  let s = "";
  while (s.length < length) s += pieces[random.below(pieces.length)];
  const bytes = text(s);
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
    default:
      return bytes;
  }
}

/** What a text becomes, told without looking at bytes. */
function naive(bytes: Uint8Array, [before, behind]: TextForm["binary"], html: boolean): string {
  let s: string;
  try {
    s = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const digits = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    return new TextDecoder().decode(before) + digits + new TextDecoder().decode(behind);
  }
  const escape = (c: string): string => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  const json = JSON.stringify(s).replace(/[\u2028\u2029]/g, escape);
  return html ? json.replace(/[<>&]/g, escape) : json;
}

Deno.test("texts are JSON strings, or base64, with what stands around them", () => {
  const rows = rowsOf([[text("k"), text('a "b" <c>')], [Uint8Array.of(0xff), text("")]]);
  for (const kernels of KERNELS) {
    deepStrictEqual(all(kernels, rows, LIST), [',"a \\"b\\" <c>"', ',""']);
    deepStrictEqual(all(kernels, rows, HASH), [
      ',\n{"name": "k",\n"value": "a \\"b\\" \\u003cc\\u003e"}',
      ',\n{"name": {\n"base64": "_w"\n},\n"value": ""}',
    ]);
  }
});

Deno.test("random, hostile and cut bytes come out alike from both kernels", () => {
  const random = new Random(randomSeed());
  for (let round = 0; round < 200; round++) {
    const pairs = Array.from(
      { length: random.below(60) },
      (): [Uint8Array, Uint8Array] => [randomBytes(random), randomBytes(random)],
    );
    const rows = rowsOf(pairs);
    const decoder = new TextDecoder();
    for (const form of [LIST, HASH]) {
      const { columns, around, binary, html } = form;
      const wanted = pairs.map((pair) =>
        columns.map((column, i) =>
          decoder.decode(around[i]) + naive(pair[column / 2], binary, html)
        ).join("") + decoder.decode(around[columns.length])
      );
      for (const kernels of KERNELS) deepStrictEqual(all(kernels, rows, form), wanted);
    }
  }
});

Deno.test("a row that is too long is left, and those around it are written", () => {
  const short: [Uint8Array, Uint8Array] = [text("k"), text("v")];
  const long = (length: number): [Uint8Array, Uint8Array] => [
    new Uint8Array(0),
    new Uint8Array(length).fill(1),
  ];
  // Three bytes stand between key and value.
  const most = TEXTS_ROW_LIMIT - 3;
  const rows = rowsOf([short, long(most), short, long(most + 1), long(2_000_000), short]);
  for (const kernels of KERNELS) {
    const texts = all(kernels, rows, LIST);
    deepStrictEqual(texts.map((one) => one?.length), [4, 3 + 6 * most, 4, undefined, undefined, 4]);
  }
});

Deno.test("output ends behind the row that fills it", () => {
  const rows = rowsOf(Array.from({ length: 20 }, () => [text(""), new Uint8Array(60_000).fill(1)]));
  for (const kernels of KERNELS) {
    const { bytes } = kernels.writeTexts(rows, 0, LIST);
    ok(bytes.length <= TEXTS_OUTPUT_LIMIT + 6 * TEXTS_ROW_LIMIT + TEXTS_FRAME_LIMIT);
    strictEqual(all(kernels, rows, LIST).length, 20);
  }
});

Deno.test("a row in which the value comes before the key is left", () => {
  const { bytes, ranges } = rowsOf([[text("a"), text("1")], [text("b"), text("2")]]);
  const turned = Uint32Array.of(
    ...ranges.subarray(0, 4),
    ...ranges.subarray(6),
    ...ranges.subarray(4, 6),
  );
  for (const kernels of KERNELS) {
    deepStrictEqual(all(kernels, { bytes, ranges: turned, count: 2 }, LIST), [',"1"', undefined]);
  }
});

Deno.test("rows may lie in any order", () => {
  const { bytes, ranges } = rowsOf([[text("a"), text("1")], [text("b"), text("2")]]);
  const turned = Uint32Array.of(...ranges.subarray(4), ...ranges.subarray(0, 4));
  for (const kernels of KERNELS) {
    deepStrictEqual(all(kernels, { bytes, ranges: turned, count: 2 }, LIST), [',"2"', ',"1"']);
  }
});

Deno.test("the kernel writes nothing outside of its rooms, and what is behind rows changes nothing", async () => {
  const exports = await rawKernels<TextExports>();
  const random = new Random(randomSeed());
  for (let round = 0; round < 8; round++) {
    const memory = new GuardedMemory(exports);
    const { bytes, ranges, count } = rowsOf(
      Array.from({ length: 30 }, () => [randomBytes(random), randomBytes(random)]),
    );
    const form = round % 2 === 0 ? LIST : HASH;
    const places: number[] = [];
    for (const part of [...form.around, ...form.binary]) {
      const at = memory.readable(part);
      places.push(at, at + part.length);
    }
    const ends = memory.writable(4 * count);
    const columns = memory.readable(u32Bytes(form.columns));
    const frame = memory.readable(u32Bytes(places));
    const rangesAt = memory.readable(u32Bytes(ranges));
    const output = memory.writable(6 * bytes.length + count * 100 + 64);
    const rows = memory.readable(bytes);
    memory.watch();
    const done = exports.writeTexts(
      rows,
      rangesAt,
      count,
      columns,
      form.columns.length,
      frame,
      form.html,
      output,
      ends,
    );
    memory.check();
    strictEqual(done, count);
    const lengths = new Uint32Array(exports.memory.buffer.slice(ends, ends + 4 * count));
    const wanted = KERNELS[1].writeTexts({ bytes, ranges, count }, 0, form);
    deepStrictEqual(lengths, wanted.ends);
    const written = new Uint8Array(exports.memory.buffer, output, lengths[count - 1]);
    deepStrictEqual(written, wanted.bytes);
  }
});
