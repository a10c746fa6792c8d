/** Snapshots that tests of the command line make for themselves. @module */

import { create, toBinary } from "@bufbuild/protobuf";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { itemKey, orderedPayload, tableKey } from "../../src/keyspace/dynamodb_keys.ts";
import { ItemSchema, TableDefinitionSchema } from "../proto/dynamodb_pb.ts";
import { bytesOf, nodeFile, ROUTE, stream, type TestEntry } from "../support/stream.ts";

/** A commit time of 2026-05-28T20:26:40Z. */
export const TIME = 1_780_000_000_000n << 16n;

/** Rows of a table whose items have a number and some text. */
export function tableEntries(name: string, items: number, length = 100): TestEntry[] {
  const schema = create(TableDefinitionSchema, {
    tableName: name,
    attributeDefinitions: { id: "S" },
    primaryKey: { hashKey: "id" },
    keyEncodingVersion: 2n,
    generation: 1n,
  });
  const entries: TestEntry[] = [{
    key: tableKey("ddb-table", bytesOf(name)),
    value: withMagic("S", toBinary(TableDefinitionSchema, schema)),
    ts: TIME,
  }];
  for (let i = 0; i < items; i++) {
    const id = `item-${String(i).padStart(8, "0")}`;
    const item = create(ItemSchema, {
      attributes: {
        id: { value: { case: "s", value: id } },
        text: { value: { case: "s", value: "x".repeat(length) } },
      },
    });
    entries.push({
      key: itemKey(bytesOf(name), 1n, orderedPayload([bytesOf(id)])),
      value: withMagic("I", toBinary(ItemSchema, item)),
      ts: TIME,
    });
  }
  return entries;
}

/** The file of a node that has all of its cluster, with one table. */
export function tableSnapshot(items: number, length?: number): Uint8Array {
  return nodeFile(stream([ROUTE, ...tableEntries("t", items, length)], TIME));
}

function withMagic(kind: "S" | "I", message: Uint8Array): Uint8Array {
  return new ByteBuilder().byte(0).ascii("D" + kind).byte(1).append(message).take();
}
