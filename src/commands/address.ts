/**
 * What one record is called, as clients write it, or by a path of a dump:
 *
 * ```text
 * dynamodb/orders                       a table, as its schema
 * dynamodb/orders and a key             an item: {"id":{"N":"0.5"}}, or plain {"id":0.5}
 * dynamodb/orders/17, …/eu/17           an item by its hash attribute, or by both
 * s3://photos                           a bucket, as its attributes
 * s3://photos/2026/meadow.jpg           an object
 * redis/session:1                       a key of Redis
 * sqs/jobs                              the messages of a queue
 * s3/photos/2026/meadow.jpg             any path that ls prints
 * ```
 *
 * @module
 */

import type { ItemKey } from "../adapters/dynamodb/keys.ts";
import { UsageError } from "../errors.ts";
import { ADAPTER_NAMES, type AdapterName } from "../keyspace/families.ts";
import { nameBytes } from "../text/name_text.ts";

/** An address that was understood, but not looked up. */
export type Address =
  | { kind: "path"; adapter: AdapterName; path: string }
  | { kind: "table"; table: Uint8Array }
  | { kind: "item"; table: Uint8Array; key: ItemKey | readonly string[] }
  | { kind: "bucket"; bucket: Uint8Array }
  | { kind: "object"; bucket: Uint8Array; key: Uint8Array }
  | { kind: "redis"; key: Uint8Array }
  | { kind: "queue"; queue: Uint8Array };

/** Paths in the folder of the database. */
const REDIS_PATH =
  /^redis\/db_0\/(?:(?:strings|hll|hashes|lists|sets|zsets|streams)\/|KEYMAP\.jsonl$|(?:strings|hll)_ttl\.jsonl$)/;
const EXTRA_PATH = /^_extra\/([a-z0-9]+)\.jsonl$/;

/**
 * Understands an address.
 *
 * @param key The key of an item, where `text` names its table.
 * @throws {UsageError} when it is none.
 */
export function parseAddress(text: string, key?: ItemKey): Address {
  if (text.startsWith("s3://")) return objectAddress(text, key);
  const [first, second, ...rest] = text.split("/");
  const adapter = EXTRA_PATH.exec(text)?.[1] ?? first;
  if (!isAdapter(adapter) || second === undefined || second === "") throw noAddress(text);
  if (key && (first !== "dynamodb" || rest.length > 0)) throw noItem();
  const path: Address = { kind: "path", adapter, path: text };
  switch (first) {
    case "dynamodb": {
      const table = nameBytes(second);
      if (key) return { kind: "item", table, key };
      if (rest.length === 0) return { kind: "table", table };
      if (rest[0] === "_schema.json" || rest[0] === "items" && rest.length > 1) return path;
      return { kind: "item", table, key: rest };
    }
    case "redis":
      if (REDIS_PATH.test(text)) return path;
      return { kind: "redis", key: nameBytes(text.slice("redis/".length)) };
    case "sqs":
      return rest.length === 0 ? { kind: "queue", queue: nameBytes(second) } : path;
    default:
      return path;
  }
}

function objectAddress(text: string, key: ItemKey | undefined): Address {
  if (key) throw noItem();
  const [, bucket, object = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/su.exec(text) ?? [];
  if (bucket === undefined) throw noAddress(text);
  if (object === "") return { kind: "bucket", bucket: nameBytes(bucket) };
  return { kind: "object", bucket: nameBytes(bucket), key: nameBytes(object) };
}

function isAdapter(name: string): name is AdapterName {
  return (ADAPTER_NAMES as readonly string[]).includes(name);
}

function noItem(): UsageError {
  return new UsageError("only items have a key of their own", {
    hint: "give a key with the address of a table, as dynamodb/orders",
  });
}

function noAddress(text: string): UsageError {
  return new UsageError(`${JSON.stringify(text)} is no address of a record`, {
    hint: "as in dynamodb/orders/17, s3://photos/a.jpg, redis/session:1, sqs/jobs, or a path " +
      "that ls prints",
  });
}
