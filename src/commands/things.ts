/**
 * How many things a snapshot has that clients have names for: items, objects, keys, messages. Rows are not
 * the same: a list has many, and those of a queue that was purged are nobody's.
 *
 * @module
 */

import type { AdapterContext } from "../adapters/context.ts";
import { records as items } from "../adapters/dynamodb/records.ts";
import { records as keys } from "../adapters/redis/records.ts";
import { DATABASE } from "../adapters/redis/scopes.ts";
import { records as objects } from "../adapters/s3/records.ts";
import { records as messages } from "../adapters/sqs/records.ts";
import type { AdapterName } from "../keyspace/families.ts";
import { scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import type { Totals } from "../mvcc/survey.ts";
import { nameText } from "../text/name_text.ts";

/** What one scope has. */
export interface Things {
  /** Whose they are. */
  adapter: AdapterName;
  /** Name of the table, bucket, database or queue, as reports write it. */
  scope: string;
  /** Items, objects, keys or messages that a client could have read. */
  count: number;
  /** Whether a client sees the table, bucket or queue: it may have been deleted, and its rows not yet. */
  exists: boolean;
  /** Of all versions of all rows of the scope: stored keys and values. */
  bytes: number;
}

/**
 * Goes through the records of all adapters once and counts them; bodies are not read. What is unsound is
 * not counted.
 *
 * @param context Defects do not stop it.
 * @throws {UnsupportedError} `encrypted` when there are no keys.
 */
export async function countThings(
  context: AdapterContext,
  totals: readonly Totals[],
): Promise<Things[]> {
  const things = new ThingCounts(totals);
  for await (const record of items(context, {})) {
    if (record.type === "items") {
      things.of("dynamodb", record.table.label).count += record.rows.length;
      record.receipt.written(record.rows.length);
    } else {
      things.of("dynamodb", record.table.label).exists = true;
      record.receipt.written();
    }
  }
  for await (const record of objects(context, { bodies: false })) {
    if (record.type === "bucket") things.of("s3", scopeLabel(record.name)).exists = true;
    else if (record.type === "object") things.of("s3", scopeLabel(record.bucket)).count++;
    record.receipt.written();
  }
  for await (const record of keys(context, {})) {
    if (record.type === "strings") {
      things.of("redis", DATABASE).count += record.rows.length;
      record.receipt.written(record.rows.length);
      continue;
    }
    if ("live" in record && record.live) things.of("redis", DATABASE).count++;
    record.receipt.written();
  }
  for await (const record of messages(context, {})) {
    const queue = things.of("sqs", record.queue.label);
    if (record.type === "queue") {
      queue.exists = true;
      record.receipt.written();
      continue;
    }
    if (record.type === "messages") queue.count += record.rows.length;
    record.receipt.written(record.rows.length);
  }
  return things.list;
}

/** The counts of scopes, in the order in which the totals have them. */
class ThingCounts {
  readonly #scopes = new Map<string, Things>();

  constructor(totals: readonly Totals[]) {
    for (const { family, scope, bytes } of totals) {
      if (scope && family.adapter !== "system") this.of(family.adapter, scope).bytes += bytes;
    }
  }

  /** @param label Of the scope's name. */
  of(adapter: AdapterName, label: Uint8Array): Things {
    const key = `${adapter} ${scopeKey(label)}`;
    let things = this.#scopes.get(key);
    if (!things) {
      things = { adapter, scope: nameText(label), count: 0, exists: adapter === "redis", bytes: 0 };
      this.#scopes.set(key, things);
    }
    return things;
  }

  get list(): Things[] {
    return [...this.#scopes.values()];
  }
}
