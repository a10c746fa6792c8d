import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { strictEqual, throws } from "node:assert/strict";
import { AttributeValueSchema, ItemSchema } from "../proto/dynamodb_pb.ts";
import {
  HashValueSchema,
  SetValueSchema,
  SortedSetEntrySchema,
  StreamEntrySchema,
} from "../proto/redis_pb.ts";

type Value = MessageInitShape<typeof AttributeValueSchema>["value"];

/** Each kind of attribute value, empty, and the bytes that a node stores for it. */
const ATTRIBUTE_VALUES: [Value, string][] = [
  [{ case: "s", value: "" }, "0a00"],
  [{ case: "n", value: "1.50" }, "1204312e3530"],
  [{ case: "b", value: new Uint8Array() }, "1a00"],
  [{ case: "bool", value: false }, "2000"],
  [{ case: "null", value: true }, "2801"],
  [{ case: "ss", value: {} }, "3200"],
  [{ case: "ns", value: {} }, "3a00"],
  [{ case: "bs", value: {} }, "4200"],
  [{ case: "l", value: {} }, "4a00"],
  [{ case: "m", value: {} }, "5200"],
];

for (const [value, hex] of ATTRIBUTE_VALUES) {
  Deno.test(`a DynamoDB value of kind ${value?.case} is stored as ${hex}`, () => {
    const message = create(AttributeValueSchema, { value });
    strictEqual(toBinary(AttributeValueSchema, message).toHex(), hex);
    strictEqual(fromBinary(AttributeValueSchema, Uint8Array.fromHex(hex)).value.case, value?.case);
  });
}

Deno.test("a score is stored as eight bytes, the least significant first", () => {
  const entry = fromBinary(
    SortedSetEntrySchema,
    Uint8Array.fromHex("0a05616c69636511000000000000f83f"),
  );
  strictEqual(entry.member, "alice");
  strictEqual(entry.score, 1.5);
});

Deno.test("a byte-order mark at the start of a string is kept", () => {
  const set = fromBinary(SetValueSchema, Uint8Array.fromHex("0a04efbbbf61"));
  strictEqual(set.members[0], "\uFEFFa");
});

Deno.test("a string that is not UTF-8 makes its message malformed, wherever it stands", () => {
  const refused = [
    [SetValueSchema, "0a02c328"], // an element
    [SetValueSchema, "0a03eda080"], // a surrogate
    [HashValueSchema, "0a070a02c328120161"], // a map's key
    [HashValueSchema, "0a070a01611202c328"], // a map's value
    [StreamEntrySchema, "0a02c328"], // a field
    [ItemSchema, "0a090a016112040a02c328"], // a member of a oneof
  ] as const;
  for (const [schema, hex] of refused) {
    throws(() => fromBinary(schema, Uint8Array.fromHex(hex)), /encoded data is not valid/, hex);
  }
});
