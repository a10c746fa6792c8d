/** The catalog of routes, a second time: which group owns a key. @module */

import { familyOf, scopeOf, segmentEnd } from "./families.ts";
import { type NaiveRoute, parseRoute } from "./transactions.ts";

/** The routes of the values of `!dist|route|` rows; malformed ones say nothing. */
export function parseRoutes(values: string[]): NaiveRoute[] {
  return values.flatMap((value) => parseRoute(value) ?? []);
}

/** The group that owns a key. */
export function groupOfKey(routes: NaiveRoute[], key: string): bigint | undefined {
  const routeKey = routeKeyOf(key);
  return routes.find(({ start, end }) => start <= routeKey && (end === undefined || routeKey < end))
    ?.group;
}

const OBJECTS = ["!s3|obj|head|", "!s3|upload|meta|", "!s3|upload|part|", "!s3|gc|upload|"]
  .concat("!s3|blob|", "!s3|chunkref|");

/** Rows that belong together have one route key. */
function routeKeyOf(key: string): string {
  const family = familyOf(key);
  const rest = key.slice(family.length);
  if (["!txn|lock|", "!txn|int|"].includes(family)) return routeKeyOf(rest);
  if (["!txn|cmt|", "!txn|rb|"].includes(family)) return routeKeyOf(rest.slice(0, -8));
  if (family.startsWith("!sqs|")) return "!sqs|route|global";
  if (family.startsWith("!ddb|")) {
    if (scopeOf(family, key) === undefined) return key;
    return "!ddb|route|table|" + /^[A-Za-z0-9_-]*/.exec(rest)![0];
  }
  if (OBJECTS.includes(family)) {
    const bucket = segmentEnd(rest, 0);
    const object = bucket < 0 ? -1 : segmentEnd(rest, bucket + 8);
    return object < 0 ? key : "!s3route|" + rest.slice(0, object);
  }
  if (family.startsWith("!redis|")) {
    const bar = key.indexOf("|", "!redis|".length);
    return bar < 0 ? key : key.slice(bar + 1);
  }
  if (family.startsWith("!lst|") || family.startsWith("!fs|")) {
    throw new Error(`not modelled: ${family}`);
  }
  return key;
}
