/** Families and scopes, a second time. Keys are strings of one character a byte. @module */

import { bytesOf } from "./parse.ts";

const PREFIXES = `
!ddb|meta|table| !ddb|meta|gen| !ddb|item| !ddb|gsi| !ddb|
!s3|bucket|meta| !s3|bucket|gen| !s3|obj|head| !s3|blob| !s3|chunkref| !s3|chunkblob|
!s3|upload|meta| !s3|upload|part| !s3|gc|upload| !s3|chunkref-rc| !s3|chunkblob-gc-queue| !s3route| !s3|
!redis|str| !redis|hll| !redis|ttl| !redis|hash| !redis|set| !redis|zset| !redis|stream|
!redis|txn-wide-hash| !redis|txn-wide-set| !redis|txn-wide-list| !redis|txn-wide-zset| !redis|
!hs|meta| !hs|meta|d| !hs|fld| !st|meta| !st|meta|d| !st|mem|
!zs|meta| !zs|meta|d| !zs|mem| !zs|scr|
!lst|meta| !lst|meta|d| !lst|itm| !lst|claim| !stream|meta| !stream|entry|
!sqs|queue|meta| !sqs|queue|gen| !sqs|queue|seq| !sqs|queue|tombstone|
!sqs|msg|data| !sqs|msg|vis| !sqs|msg|byage| !sqs|msg|dedup| !sqs|msg|group| !sqs|
!txn|lock| !txn|int| !txn|cmt| !txn|rb| !dist|route| !dist| !encryption|
!fs|ino| !fs|dir| !fs|chk| !fs|home| !fs|dirv| !fs|usage !fs|usage|route| !fs|ref| !fs|reffence|
!fs|intent| !fs|job|move| !fs| !
`.trim().split(/\s+/).sort((a, b) => b.length - a.length);

/** The longest prefix that the key begins with; empty for a bare key. */
export function familyOf(key: string): string {
  return PREFIXES.find((prefix) => key.startsWith(prefix)) ?? "";
}

/** Whether no client can have written such rows, or reads them at another moment than the others. */
export function isOfTheStore(family: string): boolean {
  return /^!(txn|dist|encryption)\||^!fs\|(dirv|usage|ref|reffence|intent|job)|^!s3\|chunkblob\|/
    .test(family);
}

/** The raw name of the table, bucket or queue, `0` for Redis, `undefined` where there is none. */
export function scopeOf(family: string, key: string): string | undefined {
  const rest = key.slice(family.length);
  if (/^!ddb\|meta\|(table|gen)\|/.test(family)) return base64Name(rest, "");
  if (/^!ddb\|(item|gsi)\|/.test(family)) return base64Name(rest, "|");
  if (/^!sqs\|msg\|/.test(family) && rest.startsWith("p|")) return queueName(rest.slice(2), "|");
  if (/^!sqs\|(msg|queue\|tombstone)\|/.test(family)) return queueName(rest, "\0");
  if (/^!sqs\|queue\|/.test(family)) return queueName(rest, "");
  if (/^!(hs|st|zs|lst|stream)\||^!redis\|./.test(family)) return "0";
  if (/^!s3(\|(bucket|obj|blob|chunkref\||upload|gc)|route)/.test(family)) return segment(rest);
  return undefined;
}

/** @param next What must follow the name; nothing if it is empty. */
function base64Name(rest: string, next: string): string | undefined {
  const digits = /^[A-Za-z0-9_-]*/.exec(rest)![0];
  if (rest.slice(digits.length, digits.length + 1) !== next) return undefined;
  const bytes = digits.length % 4 === 1
    ? ""
    : atob(digits.replaceAll("-", "+").replaceAll("_", "/"));
  const again = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return digits === "" || again !== digits ? undefined : bytes;
}

/** Queues have names that are text. */
function queueName(rest: string, next: string): string | undefined {
  const name = base64Name(rest, next);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(name ?? ""));
    return name === "." || name === ".." ? undefined : name;
  } catch {
    return undefined;
  }
}

/** The first segment: 00 FF stands for 00, and 00 01 ends it. */
function segment(rest: string): string | undefined {
  const end = segmentEnd(rest, 0);
  return end < 0 ? undefined : rest.slice(0, end - 2).replaceAll("\0\xff", "\0");
}

/** The place behind a segment, or −1. */
export function segmentEnd(rest: string, from: number): number {
  for (let i = from; i < rest.length; i++) {
    if (rest[i] !== "\0") continue;
    if (rest[++i] === "\x01") return i + 1;
    if (rest[i] !== "\xff") return -1;
  }
  return -1;
}
