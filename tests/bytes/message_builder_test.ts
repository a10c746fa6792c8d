import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { MessageBuilder } from "../../src/bytes/message_builder.ts";
import { ProtobufReader, Wire } from "../../src/bytes/protobuf.ts";
import { bytesField, concat, varintField } from "../support/generator/encoding.ts";

Deno.test("fields and messages of ordinary size are written as anybody would", () => {
  const builder = new MessageBuilder();
  builder.bytes(1, Uint8Array.of(9, 8, 7, 6), 1, 3).begin(10).number(4, 1).begin(9).end();
  builder.bytes(2, new Uint8Array(200)).end().number(5, 0);
  deepStrictEqual(
    builder.out.view(),
    concat(
      bytesField(1, Uint8Array.of(8, 7)),
      bytesField(
        10,
        concat(varintField(4, 1), bytesField(9, ""), bytesField(2, new Uint8Array(200))),
      ),
      varintField(5, 0),
    ),
  );
});

Deno.test("messages around every length of a length are read back", () => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 16_385, 16_400, 100_000, 2_097_152]) {
    const contents = new Uint8Array(length).fill(7);
    const builder = new MessageBuilder();
    builder.begin(1).begin(2);
    builder.out.append(contents);
    builder.end().end().number(3, 5);
    const bytes = builder.out.view();
    const outer = new ProtobufReader().reset(bytes, 0, bytes.length);
    strictEqual(outer.next(), true);
    const inner = new ProtobufReader().reset(bytes, outer.start, outer.end);
    strictEqual(inner.next(), true);
    deepStrictEqual([outer.field, inner.field, inner.end], [1, 2, outer.end]);
    deepStrictEqual(bytes.subarray(inner.start, inner.end), contents);
    deepStrictEqual([outer.next(), outer.field, outer.wire, outer.low], [true, 3, Wire.VARINT, 5]);
    deepStrictEqual([outer.next(), outer.malformed], [false, false]);
  }
});
