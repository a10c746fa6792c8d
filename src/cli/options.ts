/** Values of options: each function reads one kind of text and says what is wrong with it. @module */

import { ACCEPTABLE, type Accepted } from "../adapters/ledger.ts";
import type { ItemKey } from "../adapters/dynamodb/keys.ts";
import { fromHex } from "../bytes/hex.ts";
import { UsageError } from "../errors.ts";
import { ADAPTER_NAMES, type AdapterName } from "../keyspace/families.ts";
import { nameOfText, nameText } from "../text/name_text.ts";
import { didYouMean } from "../text/nearest.ts";
import { PathPattern, regularExpression } from "../text/path_pattern.ts";
import { isRfc3339 } from "../text/rfc3339.ts";
import type { CompletedShell } from "./completions.ts";

const UNITS: { readonly [unit: string]: number } = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};
const MIN_BUNDLE_SIZE = 2 ** 20;

/** Names of one adapter's scopes that are wanted. */
export interface WantedScope {
  adapter: AdapterName;
  /** As {@link nameText} writes it. */
  name: string;
}

/** Adapters, separated by commas; nothing and `all` mean all of them. */
export function parseAdapters(text: string): AdapterName[] {
  if (text === "" || text === "all") return [...ADAPTER_NAMES];
  return parseList(text, ADAPTER_NAMES, "adapter");
}

/**
 * `adapter=name` of a table, bucket, database or queue. A name that is no text is written in base64,
 * as {@link nameText} does.
 */
export function parseScope(text: string): WantedScope {
  const [adapter] = text.split("=", 1);
  const written = text.slice(adapter.length + 1);
  if (!isOneOf(adapter, ADAPTER_NAMES) || written === "") {
    throw new UsageError(
      `expected adapter=name with ${oneOf(ADAPTER_NAMES)}, as in dynamodb=orders`,
    );
  }
  const name = nameOfText(written);
  if (name) return { adapter, name: nameText(name) };
  const itself = nameText(new TextEncoder().encode(written));
  throw new UsageError(
    `behind b64: stands a name in base64 (URL alphabet, no padding); a name that begins like that ` +
      `is ${adapter}=${itself}`,
  );
}

/** A path. An empty one is mostly a variable of a script that was not set. */
export function parsePath(text: string): string {
  if (text !== "") return text;
  throw new UsageError("expected a path, and this one is empty");
}

/** Bytes as hex digits; spaces between them count for nothing. */
export function parseHex(text: string): Uint8Array {
  const bytes = fromHex(text.replace(/ /g, ""));
  if (bytes && bytes.length > 0) return bytes;
  throw new UsageError("expected bytes as pairs of hex digits, as in 00ff1b");
}

/** A number of things, at most 999,999. */
export function parseCount(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new UsageError("expected a number, at most 999999");
}

/** Any text but an empty one. */
export function parseText(text: string): string {
  if (text !== "") return text;
  throw new UsageError("expected a text, and this one is empty");
}

/**
 * The key of an item as a JSON object: DynamoDB JSON, or plain. Numbers keep their digits.
 *
 * @throws {UsageError} that shows the form.
 */
export function parseItemKey(text: string): ItemKey {
  const exact = (_: string, value: unknown, context?: { source: string }): unknown =>
    typeof value === "number" ? { N: context?.source ?? String(value) } : value;
  try {
    const key = JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]);
    if (/^\s*\{/.test(text)) return key;
  } catch {
    // The form is shown below.
  }
  throw new UsageError(
    'expected the key attributes as a JSON object, as in {"id":{"N":"0.5"}} or {"id":"a","at":17}',
  );
}

/** A shell that can complete. */
export function parseShell(text: string): CompletedShell {
  if (text === "bash" || text === "zsh") return text;
  throw new UsageError("expected bash or zsh");
}

/** A pattern of paths, kept as it is written. */
export function parsePattern(text: string): string {
  return new PathPattern(text).text;
}

/** A regular expression, kept as it is written. */
export function parseExpression(text: string): string {
  return regularExpression(parseText(text)).source;
}

/** Kinds of losses, separated by commas. */
export function parseAccepted(text: string): Accepted[] {
  return parseList(text, ACCEPTABLE, "kind of loss");
}

/** A moment for the manifest, kept as it is written. */
export function parseWallTime(text: string): string {
  if (isRfc3339(text)) return text;
  throw new UsageError("expected RFC 3339, as in 2026-05-28T20:26:40Z");
}

/** A number of bytes, at least 1 MiB. */
export function parseBundleSize(text: string): number {
  const [, digits, unit] = /^([0-9]+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * UNITS[unit ?? ""];
  if (Number.isSafeInteger(bytes) && bytes >= MIN_BUNDLE_SIZE) return bytes;
  throw new UsageError("expected a number of bytes, KiB, MiB or GiB, at least 1MiB, as in 64MiB");
}

/** A number of workers. */
export function parseJobs(text: string): number {
  if (/^([1-9]|[1-5][0-9]|6[0-4])$/.test(text)) return Number(text);
  throw new UsageError("expected a number of workers from 1 to 64, and 1 means none");
}

/** How items are laid out; nothing means a file an item, as for the reference tool. */
export function parseBundleMode(text: string): "per-item" | "jsonl" {
  if (text === "" || text === "per-item") return "per-item";
  if (text === "jsonl") return text;
  throw new UsageError("expected per-item or jsonl");
}

function parseList<T extends string>(text: string, allowed: readonly T[], what: string): T[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const wrong = names.find((name) => !isOneOf(name, allowed));
  if (wrong !== undefined) {
    throw new UsageError(
      `no ${what} "${wrong}"${didYouMean(wrong, allowed)}: expected ${oneOf(allowed)}`,
    );
  }
  if (names.length === 0) throw new UsageError(`no ${what} is named: expected ${oneOf(allowed)}`);
  return [...new Set(names)] as T[];
}

function isOneOf<T extends string>(name: string, allowed: readonly T[]): name is T {
  return (allowed as readonly string[]).includes(name);
}

function oneOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}
