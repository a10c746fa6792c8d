/**
 * The catalog of routes: which group of nodes owns which range of keys.
 *
 * ```text
 * key    !dist|route| route(8)
 * value  version(1) route(8) group(8) state(1) parent(8) length(8) start
 *        bounded(1) [length(8) end]  [split(8), from version 2 on]
 * ```
 *
 * All integers are big-endian. A range `[start, end)` is one of *route keys*: rows that belong
 * together have one route key, whatever their own keys are; see {@link routeKey}.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { compareBytes, startsWith } from "../bytes/compare.ts";
import { segmentEnd } from "../bytes/segments.ts";
import { nameEnd } from "./base64_names.ts";
import { classify, FAMILY, type Family } from "./families.ts";
import { appendU64, FieldReader } from "./fields.ts";
import { parseRedisKey, RedisKey } from "./redis_keys.ts";

/**
 * Bytes of a bound that are enough to tell keys apart. A bound of so many bytes may be the beginning of a
 * longer one, which may be as long as a key: 1 MiB.
 */
export const ROUTE_BOUND_LENGTH = 1024;

/** A range of route keys and the group that owns it. */
export interface Route {
  /** The number of the route. */
  id: bigint;
  /** The number of the group. */
  group: bigint;
  /** 0 active, 1 closed for writes, 2 being moved away, 3 being moved here. */
  state: number;
  /** The route that this one was split from, or 0. */
  parent: bigint;
  /** The least route key of the range. */
  start: Uint8Array;
  /** The least route key behind the range; absent where there is none. */
  end?: Uint8Array;
  /** When the range was split, as a timestamp of the store, or 0. */
  splitTime: bigint;
}

/** The id of the route that a `dist-route` key is about, or what is wrong with the key. */
export function parseRouteRowKey(bytes: Uint8Array, start: number, end: number): bigint | string {
  const fields = new FieldReader(bytes, start + FAMILY["dist-route"].bytes.length, end);
  const id = fields.u64("route id");
  return fields.finish() ?? id;
}

/** The `dist-route` key of a route. */
export function routeRowKey(id: bigint): Uint8Array {
  return appendU64(new ByteBuilder().append(FAMILY["dist-route"].bytes), id).take();
}

const VERSION = 2;

/** The route that the value of a `dist-route` row holds, or what is wrong with the value. */
export function parseRoute(bytes: Uint8Array, start: number, end: number): Route | string {
  const fields = new FieldReader(bytes, start, end);
  const version = fields.byte("version");
  const route: Route = {
    id: fields.u64("route id"),
    group: fields.u64("group id"),
    state: fields.byte("state"),
    parent: fields.u64("parent id"),
    start: fields.counted("start"),
    splitTime: 0n,
  };
  const bounded = fields.byte("mark of an end");
  if (bounded > 1) fields.reason ??= `the mark of an end is ${bounded}`;
  if (bounded === 1) route.end = fields.counted("end");
  if (version >= 2) route.splitTime = fields.u64("split time");
  if (version === 0) fields.reason ??= "the version 0 is unknown";
  // Later versions may say more at the end.
  const reason = version > VERSION ? fields.reason : fields.finish();
  return reason ?? route;
}

/** The value of a `dist-route` row, in version 2. */
export function buildRoute(route: Route): Uint8Array {
  const out = new ByteBuilder().byte(VERSION);
  appendU64(appendU64(out, route.id), route.group).byte(route.state);
  appendU64(appendU64(out, route.parent), BigInt(route.start.length)).append(route.start);
  out.byte(route.end === undefined ? 0 : 1);
  if (route.end !== undefined) appendU64(out, BigInt(route.end.length)).append(route.end);
  return appendU64(out, route.splitTime).take();
}

/**
 * The group that owns a user key, or `undefined` where no route covers it, or where a bound has been cut to
 * {@link ROUTE_BOUND_LENGTH} bytes and does not tell.
 */
export function groupOf(routes: Iterable<Route>, userKey: Uint8Array): bigint | undefined {
  const key = routeKey(userKey);
  const isCutIn = (bound: Uint8Array | undefined): boolean =>
    bound?.length === ROUTE_BOUND_LENGTH && startsWith(key, bound);
  for (const { start, end, group } of routes) {
    if (isCutIn(start) || isCutIn(end)) return undefined;
    if (compareBytes(start, key) > 0) continue;
    if (end === undefined || compareBytes(key, end) < 0) return group;
  }
  return undefined;
}

/** The key by which the group of a user key is found; possibly a view of it, possibly itself. */
export function routeKey(userKey: Uint8Array): Uint8Array {
  let start = 0;
  let end = userKey.length;
  let family = classify(userKey, start, end);
  // Rows of transactions go with the key that they are about.
  while (family.kind === "transaction") {
    start += family.bytes.length;
    if (family === FAMILY["txn-commit"] || family === FAMILY["txn-rollback"]) end -= 8;
    family = classify(userKey, start, end);
  }
  const key = userKey.subarray(start, end);
  switch (family.adapter) {
    case "dynamodb":
      return tableRoute(family, key);
    case "sqs":
      return SQS_ROUTE;
    case "s3":
      return objectRoute(family, key);
    case "redis":
      return redisRoute(family, key);
    default:
      return fileRoute(family, key);
  }
}

const encoder = new TextEncoder();
const TABLE_ROUTE = encoder.encode("!ddb|route|table|");
const SQS_ROUTE = encoder.encode("!sqs|route|global");
const CHUNK_ROUTE = encoder.encode("!fs|route|chk|");
const BAR = 0x7c;

function tableRoute(family: Family, key: Uint8Array): Uint8Array {
  const start = family.bytes.length;
  const end = family.scope === undefined ? -1 : nameEnd(key, start, key.length);
  return end < 0 ? key : new ByteBuilder().append(TABLE_ROUTE).append(key, start, end).take();
}

const OBJECT_FAMILIES: ReadonlySet<Family> = new Set([
  FAMILY["s3-object"],
  FAMILY["s3-upload"],
  FAMILY["s3-part"],
  FAMILY["s3-upload-gc"],
  FAMILY["s3-blob"],
  FAMILY["s3-chunkref"],
]);

/** Rows of an object: its bucket, generation and key, as they stand in all of them. */
function objectRoute(family: Family, key: Uint8Array): Uint8Array {
  if (!OBJECT_FAMILIES.has(family)) return key;
  const start = family.bytes.length;
  const bucketEnd = segmentEnd(key, start, key.length);
  const objectEnd = bucketEnd < 0 ? -1 : segmentEnd(key, bucketEnd + 8, key.length);
  if (objectEnd < 0) return key;
  return new ByteBuilder().append(FAMILY["s3-route"].bytes).append(key, start, objectEnd).take();
}

const parts = new RedisKey();

/** Rows of `!redis|` and of lists: the name that clients use. Other collections: themselves. */
function redisRoute(family: Family, key: Uint8Array): Uint8Array {
  if (family.prefix.startsWith("!redis|")) {
    const bar = key.indexOf(BAR, FAMILY["redis-unknown"].bytes.length);
    return bar < 0 ? key : key.subarray(bar + 1);
  }
  if (!family.prefix.startsWith("!lst|")) return key;
  let reason = parseRedisKey(family, key, 0, key.length, parts);
  if (reason !== undefined && family === FAMILY["list-meta-delta"]) {
    reason = parseRedisKey(FAMILY["list-meta"], key, 0, key.length, parts);
  }
  return reason === undefined ? key.subarray(parts.nameStart, parts.nameEnd) : key;
}

/** Chunks of a file go by its home and inode; counters of usage name their route key themselves. */
function fileRoute(family: Family, key: Uint8Array): Uint8Array {
  const start = family.bytes.length;
  if (family === FAMILY["fs-chunk"] && key.length >= start + 16) {
    return new ByteBuilder().append(CHUNK_ROUTE).append(key, start, start + 16).take();
  }
  return family === FAMILY["fs-usage-route"] ? unescaped(key, start) ?? key : key;
}

/** The file system's own escaping: 00 is `00 FF`, and `00 00` ends the bytes. */
function unescaped(key: Uint8Array, start: number): Uint8Array | undefined {
  const out = new ByteBuilder();
  for (let i = start; i + 1 < key.length; i++) {
    if (key[i] === 0) {
      if (key[i + 1] === 0) return out.take();
      if (key[i + 1] !== 0xff) return undefined;
      out.byte(0);
      i++;
    } else out.byte(key[i]);
  }
  return undefined;
}
