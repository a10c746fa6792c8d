/** The order in which the record lines of an adapter mostly come. @module */

import { ByteBuilder } from "../bytes/builder.ts";
import { fromBase64, STANDARD, URL_SAFE } from "../bytes/base64.ts";
import { appendSegment } from "../bytes/segments.ts";
import { appendU32, appendU64 } from "../keyspace/fields.ts";
import { appendName } from "../keyspace/base64_names.ts";
import { orderedNumber } from "../keyspace/ordered_number.ts";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.ts";
import type { LineRecord } from "./record_stream.ts";

/** A text, or the base64 of bytes. */
type Name = string | { base64: string };

/** What a line begins with. */
export interface Identity {
  adapter: string;
  scope: Name;
  type: string;
  key?: Name | { [attribute: string]: { [kind: string]: string } };
}

/** The members of a record's identity. */
export function identityOf({ identity }: Pick<LineRecord, "identity">): Identity {
  return JSON.parse(`${decodeUtf8(identity)!}}`);
}

/** The bytes of a name. */
export function bytesOf(name: Name): Uint8Array {
  return typeof name === "string"
    ? encodeUtf8(name)
    : fromBase64(URL_SAFE, encodeUtf8(name.base64))!;
}

/** Types of what has records in it: they come first. */
const SCOPES: ReadonlySet<string> = new Set(["table", "bucket", "db", "queue"]);

/**
 * Bytes that sort as the lines of one adapter come. Some may come in another order: items of tables with
 * legacy keys, and Redis strings of old servers.
 */
export function orderOf(record: LineRecord): Uint8Array {
  const { adapter, scope, type, key } = identityOf(record);
  const out = new ByteBuilder().byte(SCOPES.has(type) ? 0 : 1);
  const isNamedInBase64 = adapter === "sqs" || adapter === "dynamodb" && type === "item";
  if (isNamedInBase64) {
    appendName(out, bytesOf(scope));
    out.byte(0);
  } else appendSegment(out, bytesOf(scope));
  if (key === undefined) return out.take();
  if (adapter === "redis") {
    const name = bytesOf(key as Name);
    // Behind a stored key stands a time, which begins like this.
    if (type === "string") return out.byte(0).append(name).byte(0xfe).take();
    appendU32(out.byte(1), name.length);
    return out.append(name).text(type).take();
  }
  if (adapter === "sqs") {
    const text = decodeUtf8(record.text) ?? "";
    appendU64(out, BigInt.asUintN(64, integer(text, "send_timestamp_millis") ^ (1n << 63n)));
    appendU64(out, integer(text, "sequence_number"));
  }
  if (adapter === "dynamodb") {
    for (const value of Object.values(key) as { [kind: string]: string }[]) {
      const [[kind, content]] = Object.entries(value);
      const raw = encodeUtf8(content);
      const number = kind === "N" ? orderedNumber(content) : undefined;
      appendSegment(out, kind === "B" ? fromBase64(STANDARD, raw) ?? raw : number ?? raw);
    }
  } else appendSegment(out, bytesOf(key as Name));
  return out.take();
}

/** A member of a message; within a text, its quotes would be escaped. */
function integer(line: string, name: string): bigint {
  const digits = new RegExp(`"${name}":(-?[0-9]+)`).exec(line)?.[1];
  return BigInt.asUintN(64, BigInt(digits ?? 0));
}
