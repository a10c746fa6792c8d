/** A table as AWS is told of it, and what AWS would not take of its items. @module */

import { type AwsReason, whyAwsRefuses } from "../adapters/dynamodb/aws_items.ts";
import { DynamoTables } from "../adapters/dynamodb/library.ts";
import type { KeyNames, TableSchema } from "../adapters/dynamodb/schema.ts";
import { readTable } from "../adapters/dynamodb/scopes.ts";
import { throwIfAborted } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import { nothingThere } from "./cat.ts";
import { type RunOptions } from "./look.ts";
import { lookingContext } from "./looking.ts";

/** Which request of AWS is meant. */
export type AwsRequest = "create-table" | "import-table";

/** A request, and what it would not take. */
export interface AwsTable {
  /** What `aws dynamodb REQUEST --cli-input-json` takes. */
  request: Record<string, unknown>;
  /** Items of the table. */
  items: number;
  /** How many of them AWS would refuse, by the first reason that applies, in the order of their names. */
  refused: [AwsReason, number][];
}

/**
 * Describes a table for AWS. All items are read, to count those that it would refuse.
 *
 * @param table Raw name.
 * @param bucket Where the files to be imported will be; for `import-table` only.
 * @throws {NothingSelectedError} when there is no such table.
 * @throws {UnsoundError} at the first item that is damaged.
 */
export async function awsTable(
  snapshot: Snapshot,
  table: Uint8Array,
  as: AwsRequest,
  bucket: string,
  options: RunOptions = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<AwsTable> {
  const context = await lookingContext(snapshot, scratch, options);
  if (!await readTable(context, table)) {
    throw nothingThere(snapshot, { kind: "table", table });
  }
  const stored = new DynamoTables(context).table(table);
  const schema = await stored.schema();
  const counts = new Map<AwsReason, number>();
  let items = 0;
  for await (const item of stored.items()) {
    throwIfAborted(options.signal);
    items++;
    const why = whyAwsRefuses(item, schema);
    if (why) counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const creation = creationOf(stored.name, schema);
  const request = as === "create-table" ? creation : {
    S3BucketSource: { S3Bucket: bucket },
    InputFormat: "DYNAMODB_JSON",
    InputCompressionType: "NONE",
    TableCreationParameters: creation,
  };
  return { request, items, refused: [...counts].sort(([a], [b]) => a < b ? -1 : 1) };
}

/** AWS wants the types of those attributes that are part of a key, and of no others. */
function creationOf(name: string, schema: TableSchema): Record<string, unknown> {
  const { key, indexes, attributeTypes } = schema;
  const keys = [key, ...indexes.map(({ key }) => key)];
  const used = new Set(
    keys.flatMap(({ hash, range }) => [hash, range]).filter((one) => one !== ""),
  );
  const request: Record<string, unknown> = {
    TableName: name,
    KeySchema: keySchema(key),
    AttributeDefinitions: [...used].map((AttributeName) => ({
      AttributeName,
      AttributeType: attributeTypes.get(AttributeName) ?? "S",
    })),
    BillingMode: "PAY_PER_REQUEST",
  };
  if (indexes.length > 0) {
    request.GlobalSecondaryIndexes = indexes.map((
      { name, key, projectionType, nonKeyAttributes },
    ) => ({
      IndexName: name,
      KeySchema: keySchema(key),
      Projection: {
        ProjectionType: projectionType || "ALL",
        ...(projectionType === "INCLUDE" ? { NonKeyAttributes: nonKeyAttributes } : {}),
      },
    }));
  }
  return request;
}

function keySchema({ hash, range }: KeyNames): object[] {
  const schema = [{ AttributeName: hash, KeyType: "HASH" }];
  if (range !== "") schema.push({ AttributeName: range, KeyType: "RANGE" });
  return schema;
}
