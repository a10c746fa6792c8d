/** Values that are messages, against another implementation of protocol buffers. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  blobDefect,
  BlobReader,
  type BlobType,
  countFields,
  countStreamEntries,
  EntryReader,
  hllMembers,
  streamEntryDefect,
} from "../../../src/adapters/redis/messages.ts";
import {
  HashValueSchema,
  SetValueSchema,
  SortedSetValueSchema,
  StreamEntrySchema,
  StreamValueSchema,
} from "../../proto/redis_pb.ts";
import { cat, double } from "./support.ts";

const SEED = 20261125;
const MAGIC = {
  hash: Uint8Array.of(0, 0x52, 0x48, 1),
  set: Uint8Array.of(0, 0x52, 0x53, 1),
  zset: Uint8Array.of(0, 0x52, 0x5a, 1),
  stream: Uint8Array.of(0, 0x52, 0x58, 1),
};
const ENTRY = Uint8Array.of(0, 0x52, 0x58, 0x45, 1);

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function elementsIn(type: BlobType, value: Uint8Array): [string, Uint8Array][] {
  const found: [string, Uint8Array][] = [];
  // In the middle of other bytes: offsets must not be taken for lengths.
  const placed = cat("before", value, "behind");
  const reader = new BlobReader(type).reset(placed, 6, 6 + value.length);
  const places: number[] = [];
  while (reader.next()) {
    found.push([nameIn(reader), placed.slice(reader.valueStart, reader.valueEnd)]);
    places.push(reader.at);
  }
  // Each can be gone to again.
  for (const [i, at] of places.entries()) {
    strictEqual(reader.moveTo(at).next(), true);
    strictEqual(nameIn(reader), found[i][0]);
  }
  return found;
}

function nameIn({ bytes, nameStart, nameEnd }: BlobReader): string {
  return utf8(bytes.subarray(nameStart, nameEnd));
}

/** A score as it stands in such a message; nothing stands for zero. */
function stored(score: number): Uint8Array {
  return Object.is(score, 0) ? new Uint8Array(0) : double(score).reverse();
}

function membersOf(value: Uint8Array): string[] {
  const members = hllMembers(value)!;
  return [...{ [Symbol.iterator]: () => members }].map(utf8);
}

const text = fc.string({ unit: "binary", maxLength: 200 });

Deno.test("collections in one row hold what protobuf-es wrote into them", () => {
  console.log(`seed ${SEED}`);
  fc.assert(
    fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (entries) => {
      const message = toBinary(HashValueSchema, create(HashValueSchema, { entries }));
      const found = elementsIn("hash", cat(MAGIC.hash, message));
      deepStrictEqual(
        found.map(([name, value]) => [name, utf8(value)]).sort(),
        Object.entries(entries).sort(),
      );
    }),
    { seed: SEED },
  );
  fc.assert(
    fc.property(fc.array(text), (members) => {
      const message = toBinary(SetValueSchema, create(SetValueSchema, { members }));
      const value = cat(MAGIC.set, message);
      deepStrictEqual(elementsIn("set", value).map(([name]) => name), members);
      deepStrictEqual(membersOf(value), members);
    }),
    { seed: SEED },
  );
  fc.assert(
    fc.property(fc.array(fc.record({ member: text, score: fc.double() })), (entries) => {
      const message = toBinary(SortedSetValueSchema, create(SortedSetValueSchema, { entries }));
      deepStrictEqual(
        elementsIn("zset", cat(MAGIC.zset, message)),
        entries.map(({ member, score }) => [member, stored(score)]),
      );
    }),
    { seed: SEED },
  );
});

Deno.test("stream entries hold what protobuf-es wrote into them", () => {
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text)), (id, pairs) => {
      const entry = create(StreamEntrySchema, { id, fields: pairs.flat() });
      const value = cat("before", ENTRY, toBinary(StreamEntrySchema, entry), "behind");
      strictEqual(streamEntryDefect(value, 6, value.length - 6), undefined);
      const own = value.subarray(6, value.length - 6);
      strictEqual(countFields(own), pairs.length);
      const fields: string[] = [];
      for (const reader = new EntryReader().reset(own); reader.next();) {
        fields.push(utf8(own.subarray(reader.nameStart, reader.nameEnd)));
        fields.push(utf8(own.subarray(reader.valueStart, reader.valueEnd)));
      }
      deepStrictEqual(fields, pairs.flat());
      const entries = pairs.map(() => entry);
      const stream = toBinary(StreamValueSchema, create(StreamValueSchema, { entries }));
      const all = cat(MAGIC.stream, stream);
      strictEqual(countStreamEntries(all, 0, all.length), pairs.length);
    }),
    { seed: SEED },
  );
});

Deno.test("an empty value is an empty collection, and magic bytes alone are one too", () => {
  for (const type of ["hash", "set", "zset"] as const) {
    deepStrictEqual(elementsIn(type, new Uint8Array(0)), []);
    deepStrictEqual(elementsIn(type, MAGIC[type]), []);
  }
  deepStrictEqual(membersOf(new Uint8Array(0)), []);
});

Deno.test("absent members are empty, unknown ones are skipped, and of two the last counts", () => {
  // { 1: {} } { 1: { 1: "a", 9: varint, 2: "x", 2: "y" } } { 3: "z" }
  const hash = [0x0a, 0, 0x0a, 11, 0x0a, 1, 0x61, 0x48, 1, 0x12, 1, 0x78, 0x12, 1, 0x79];
  const value = cat(MAGIC.hash, Uint8Array.of(...hash, 0x1a, 1, 0x7a));
  deepStrictEqual(
    elementsIn("hash", value).map(([name, text]) => [name, utf8(text)]),
    [["", ""], ["a", "y"]],
  );
  const zset = cat(MAGIC.zset, Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61));
  deepStrictEqual(elementsIn("zset", zset), [["a", stored(0)]]);
});

Deno.test("every beginning of a value is refused or says less, and none is read beyond its end", () => {
  const entry = create(StreamEntrySchema, { id: "1-1", fields: ["name", "value"] });
  const whole = cat(ENTRY, toBinary(StreamEntrySchema, entry));
  for (let length = 0; length < whole.length; length++) {
    const defect = streamEntryDefect(whole, 0, length);
    const sound = length === ENTRY.length || length === ENTRY.length + 5;
    strictEqual(defect === undefined, sound, `${length} bytes`);
  }
  const message = toBinary(
    HashValueSchema,
    create(HashValueSchema, { entries: { a: "b", c: "d" } }),
  );
  const hash = cat(MAGIC.hash, message);
  for (let length = 1; length < hash.length; length++) {
    const sound = length === 4 || length === 4 + message.length / 2;
    strictEqual(blobDefect("hash", hash, 0, length) === undefined, sound, `${length} bytes`);
  }
});

Deno.test("text that is not UTF-8 spoils a value, wherever it stands", () => {
  const bad: [BlobType, number[]][] = [
    ["set", [0x0a, 1, 0xff]],
    ["hash", [0x0a, 3, 0x0a, 1, 0xff]],
    ["hash", [0x0a, 3, 0x12, 1, 0xff]],
    ["zset", [0x0a, 3, 0x0a, 1, 0xff]],
  ];
  for (const [type, message] of bad) {
    const value = cat(MAGIC[type], Uint8Array.of(...message));
    strictEqual(blobDefect(type, value, 0, value.length), "the value has text that is not UTF-8");
  }
  const id = cat(ENTRY, Uint8Array.of(0x0a, 1, 0xff));
  strictEqual(
    streamEntryDefect(id, 0, id.length),
    "the value has text that is not UTF-8",
  );
});
