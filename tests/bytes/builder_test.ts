import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";

const SEED = 20260822;
const utf8 = new TextEncoder();

type Step = {
  kind: "byte" | "append" | "text" | "ascii" | "clear";
  bytes: Uint8Array;
  text: string;
};

const steps = fc.array(fc.record({
  kind: fc.constantFrom("byte", "append", "text", "ascii", "append", "append", "clear"),
  bytes: fc.uint8Array({ maxLength: 70 }),
  text: fc.string({ unit: "binary", maxLength: 40 }),
}));

Deno.test("a builder holds what was appended, from whatever capacity it grows", () => {
  fc.assert(
    fc.property(steps, fc.nat(40), (list, capacity) => {
      const builder = new ByteBuilder(capacity);
      let expected: number[] = [];
      for (const { kind, bytes, text } of list as Step[]) {
        if (kind === "byte") {
          builder.byte(bytes[0] ?? 7);
          expected.push(bytes[0] ?? 7);
        } else if (kind === "append") {
          const from = Math.floor(bytes.length / 3);
          builder.append(bytes).append(bytes, from).append(bytes, from, bytes.length - from);
          expected.push(
            ...bytes,
            ...bytes.subarray(from),
            ...bytes.subarray(from, bytes.length - from),
          );
        } else if (kind === "text") {
          builder.text(text);
          expected.push(...utf8.encode(text));
        } else if (kind === "ascii") {
          const ascii = text.replace(/[^\0-\x7f]/g, "?");
          builder.ascii(ascii);
          expected.push(...utf8.encode(ascii));
        } else {
          builder.clear();
          expected = [];
        }
        strictEqual(builder.length, expected.length);
      }
      deepStrictEqual(builder.take(), Uint8Array.from(expected));
      deepStrictEqual(builder.view(), Uint8Array.from(expected));
    }),
    { seed: SEED },
  );
});

Deno.test("reserved room can be written to directly, and what was there stays", () => {
  const builder = new ByteBuilder(2).ascii("ab");
  const before = builder.bytes;
  builder.reserve(100);
  notStrictEqual(builder.bytes, before);
  builder.bytes.set([1, 2, 3], builder.length);
  builder.length += 3;
  deepStrictEqual(builder.take(), Uint8Array.of(0x61, 0x62, 1, 2, 3));
  const enough = builder.bytes;
  builder.reserve(enough.length - builder.length);
  strictEqual(builder.bytes, enough);
});

Deno.test("what was taken stays as it is; a view shows what comes later", () => {
  const builder = new ByteBuilder(10).ascii("abc");
  const taken = builder.take();
  const view = builder.view();
  builder.clear().ascii("xyz");
  deepStrictEqual(taken, utf8.encode("abc"));
  deepStrictEqual(view, utf8.encode("xyz"));
});

Deno.test("a builder doubles, so that a million bytes move few times", () => {
  const builder = new ByteBuilder(1);
  let grown = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const { bytes } = builder;
    builder.byte(i & 0xff);
    if (builder.bytes !== bytes) grown++;
  }
  strictEqual(grown, 20);
});

Deno.test("lone surrogates become the replacement character", () => {
  deepStrictEqual(new ByteBuilder().text("\ud800a\udc00").take(), utf8.encode("\ufffda\ufffd"));
});
