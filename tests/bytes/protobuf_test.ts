import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import { ProtobufReader, Wire } from "../../src/bytes/protobuf.ts";
import { hex } from "../support/stream.ts";

const SEED = 20260822;
const MAX_GROUPS = 100;

/** `field:wire=value` of each field; a malformed message ends with `!`. */
function read(bytes: Uint8Array, from = 0, to = bytes.length): string[] {
  const reader = new ProtobufReader().reset(bytes, from, to);
  const fields: string[] = [];
  while (reader.next()) {
    const { field, wire, start, end, low, high } = reader;
    const isNumber = wire === Wire.VARINT;
    const contents = wire === Wire.START_GROUP
      ? "group"
      : isNumber
      ? String((BigInt(high) << 32n) | BigInt(low))
      : toHex(bytes.subarray(start, end));
    fields.push(`${field}:${wire}=${contents}`);
  }
  if (reader.malformed) fields.push("!");
  strictEqual(reader.next(), false);
  return fields;
}

/** The same, written for clarity and with numbers of any size. */
function reference(bytes: Uint8Array, to = bytes.length): string[] {
  const fields: string[] = [];
  const varint = (at: number): [bigint, number] => {
    let value = 0n;
    for (let i = 0; i < 10; i++) {
      if (at + i >= to) break;
      const b = bytes[at + i];
      if (i === 9 && b > 1) break;
      value |= BigInt(b & 0x7f) << BigInt(7 * i);
      if (b < 0x80) return [value, at + i + 1];
    }
    return [0n, -1];
  };
  const tag = (at: number): [field: bigint, wire: number, behind: number] => {
    const [value, behind] = varint(at);
    const field = value >> 3n;
    if (behind < 0 || field === 0n || value >= 1n << 32n) return [0n, 0, -1];
    return [field, Number(value & 7n), behind];
  };
  const skip = (field: bigint, wire: number, at: number, depth: number): number => {
    switch (wire) {
      case 0:
        return varint(at)[1];
      case 1:
      case 5: {
        const behind = at + (wire === 1 ? 8 : 4);
        return behind > to ? -1 : behind;
      }
      case 2: {
        const [length, start] = varint(at);
        return start < 0 || length > BigInt(to - start) ? -1 : start + Number(length);
      }
      case 3:
        if (depth === MAX_GROUPS) return -1;
        for (;;) {
          const [inner, innerWire, start] = at >= to ? [0n, 0, -1] : tag(at);
          if (start < 0) return -1;
          if (innerWire === 4) return inner === field ? start : -1;
          at = skip(inner, innerWire, start, depth + 1);
          if (at < 0) return -1;
        }
      default:
        return -1;
    }
  };
  for (let at = 0; at < to;) {
    const [field, wire, start] = tag(at);
    const behind = start < 0 ? -1 : skip(field, wire, start, 0);
    if (behind < 0) return [...fields, "!"];
    const contents = wire === 3
      ? "group"
      : wire === 0
      ? String(varint(start)[0])
      : toHex(bytes.subarray(wire === 2 ? varint(start)[1] : start, behind));
    fields.push(`${field}:${wire}=${contents}`);
    at = behind;
  }
  return fields;
}

const VECTORS: [message: string, fields: string[]][] = [
  ["", []],
  ["0A09 0A026964 1203 0A016B", ["1:2=0a02696412030a016b"]],
  ["0A026964 12030A016B", ["1:2=6964", "2:2=0a016b"]],
  ["0A0178 120135", ["1:2=78", "2:2=35"]],
  ["0A0178 1005", ["1:2=78", "2:0=5"]],
  ["0A00", ["1:2="]],
  ["208200", ["4:0=2"]],
  ["2000", ["4:0=0"]],
  ["0805", ["1:0=5"]],
  ["9A06027A7A 13080114", ["99:2=7a7a", "2:3=group"]],
  ["13 0805 1B 1C 14 0801", ["2:3=group", "1:0=1"]],
  ["09 0102030405060708 0D 01020304", ["1:1=0102030405060708", "1:5=01020304"]],
  ["08 FFFFFFFFFFFFFFFFFF01", ["1:0=18446744073709551615"]],
  ["08 80808080808080808001", ["1:0=9223372036854775808"]],
  ["08 FFFFFFFF0F", ["1:0=4294967295"]],
  ["08 8080808010", ["1:0=4294967296"]],
  ["08 80808080808080808000", ["1:0=0"]],
  ["8880808000 01", ["1:0=1"]],
  ["F8FFFFFF0F 01", ["536870911:0=1"]],
];

const MALFORMED: Record<string, string> = {
  "a field number of 0": "00 01",
  "a field number of 2^29": "8080808010 01",
  "a tag of 64 bits": "F8FFFFFFFFFFFFFFFF01 01",
  "a cut tag": "80",
  "a cut varint": "08 80",
  "no varint": "08",
  "a varint of eleven bytes": "08 8080808080808080808001",
  "a varint whose tenth byte has two bits": "08 FFFFFFFFFFFFFFFFFF02",
  "a varint whose tenth byte goes on": "08 80808080808080808080",
  "wire type 6": "0E 01",
  "wire type 7": "0F 01",
  "a length beyond the end": "0A 02 00",
  "a length of 64 bits": "0A 80808080808080808001 00",
  "a length of 33 bits": "0A 8080808010 00",
  "a length of 32 bits": "0A FFFFFFFF0F 00",
  "seven bytes of eight": "09 01020304050607",
  "three bytes of four": "0D 010203",
  "the end of a group that did not begin": "14",
  "a group that does not end": "13 0801",
  "a group that ends as another": "13 1C",
  "a group that is cut in a field": "13 0A05 00 14",
  "a group with a field of number 0": "13 00 01 14",
};

Deno.test("fields are read in the order in which they stand, whatever they are", () => {
  for (const [message, fields] of VECTORS) {
    deepStrictEqual(read(hex(message)), fields, message);
    deepStrictEqual(reference(hex(message)), fields, message);
  }
});

for (const [what, message] of Object.entries(MALFORMED)) {
  Deno.test(`a message with ${what} is malformed, and what stands before it is read`, () => {
    deepStrictEqual(read(hex(message)), ["!"]);
    deepStrictEqual(read(hex("1001" + message)), ["2:0=1", "!"]);
    deepStrictEqual(reference(hex(message)), ["!"]);
  });
}

Deno.test("groups may lie in groups a hundred times, and not more often", () => {
  const nested = (depth: number): Uint8Array => hex("13".repeat(depth) + "14".repeat(depth));
  deepStrictEqual(read(nested(MAX_GROUPS)), ["2:3=group"]);
  deepStrictEqual(read(nested(MAX_GROUPS + 1)), ["!"]);
  deepStrictEqual(read(nested(100_000)), ["!"]);
});

Deno.test("only the range is read, and every cut of a message that ends inside a field is malformed", () => {
  const message = hex("0A0178 208200 09 0102030405060708 13080114 0D 01020304");
  const ends = [0, 3, 6, 15, 19, 24];
  for (let to = 0; to <= message.length; to++) {
    const fields = read(message, 0, to);
    strictEqual(fields.includes("!"), !ends.includes(to), `cut to ${to}`);
    strictEqual(
      fields.length,
      ends.filter((e) => e > 0 && e <= to).length + (ends.includes(to) ? 0 : 1),
    );
  }
  deepStrictEqual(read(message, 3, 6), ["4:0=2"]);
});

/** Bytes that are often tags, lengths and ends of groups. */
const wireLike = fc.array(
  fc.oneof(
    fc.constantFrom(
      0x08,
      0x0a,
      0x12,
      0x13,
      0x14,
      0x1b,
      0x1c,
      0x0d,
      0x09,
      0x80,
      0xff,
      0x01,
      0x02,
      0x00,
    ),
    fc.nat(255),
  ),
  { maxLength: 40 },
).map((bytes) => Uint8Array.from(bytes));

Deno.test("any bytes are read as a plainer reader reads them", () => {
  let malformed = 0;
  fc.assert(
    fc.property(wireLike, (bytes) => {
      const fields = read(bytes);
      deepStrictEqual(fields, reference(bytes));
      if (fields.at(-1) === "!") malformed++;
    }),
    { seed: SEED, numRuns: 20_000 },
  );
  ok(malformed > 5000 && malformed < 19_900, `${malformed} malformed`);
});

Deno.test("a reader can be used again after a malformed message", () => {
  const reader = new ProtobufReader().reset(hex("07"), 0, 1);
  strictEqual(reader.next(), false);
  reader.reset(hex("0801"), 0, 2);
  ok(reader.next() && reader.field === 1 && reader.low === 1 && !reader.malformed);
});
