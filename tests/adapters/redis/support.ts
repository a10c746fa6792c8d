/** What the tests of the Redis adapter share. @module */

import type { Keyring } from "../../../src/mvcc/keyring.ts";
import { deepStrictEqual } from "node:assert/strict";
import { redis, writeResp } from "../../../src/adapters/redis/mod.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import type { AdapterOptions } from "../../../src/adapters/context.ts";
import { type Decoded, decodeWith } from "../../support/decode.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";

export type Options = AdapterOptions & { scopesOnly?: Uint8Array[]; keys?: Keyring };

/** What a decode gave, in forms that are easy to compare. */
export interface Dump extends Decoded {
  /** Path below `redis/db_0/` → text; contents of `.bin` as hex. */
  tree: Record<string, string>;
  /** Record lines. */
  records: string[];
  /** Commands, one argument array each, in latin-1. */
  commands: string[][];
  /** Rows by what became of them, as `adapter fate`. */
  fates: Record<string, number>;
  /** The same for commands. */
  respFates: Record<string, number>;
  /** Event and values, without hints. */
  noted: unknown[][];
  /** The same for commands. */
  respNoted: unknown[][];
  /** Codes of what is wrong. */
  wrong: string[];
}

/** Decodes rows or whole files to a tree, to record lines and to commands. All must balance. */
export async function dump(
  input: TestEntry[] | Uint8Array | Uint8Array[],
  options: Options = {},
): Promise<Dump> {
  const files = Array.isArray(input)
    ? input[0] instanceof Uint8Array ? input as Uint8Array[] : [stream(input as TestEntry[])]
    : [input];
  const decoded = await decodeWith(redis, files, options);
  const lines = await decodeWith(redis, files, { ...options, records: true });
  const commander = { ...redis, writeRecords: writeResp };
  const resp = await decodeWith(commander, files, { ...options, records: true });
  for (const { unbalanced } of [decoded, lines, resp]) deepStrictEqual(unbalanced, []);
  deepStrictEqual(fatesOf(lines), fatesOf(decoded), "both outputs give rows the same fates");
  deepStrictEqual(lines.warnings, decoded.warnings);
  const wrong = [decoded, lines, resp].map(({ problems }) => problems.map((p) => p.error.code));
  deepStrictEqual(wrong[1], wrong[0]);
  deepStrictEqual(wrong[2], wrong[0]);
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(lines.lines);
  return {
    ...decoded,
    tree: treeOf(decoded.files),
    records: text === "" ? [] : text.trimEnd().split("\n"),
    commands: commandsIn(resp.lines),
    fates: fatesOf(decoded),
    respFates: fatesOf(resp),
    noted: notedOf(decoded),
    respNoted: notedOf(resp),
    wrong: wrong[0],
  };
}

/** Path below `redis/db_0/` → text, or hex for values. */
export function treeOf(files: Map<string, Uint8Array>): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const [path, bytes] of files) {
    if (!path.startsWith("redis/db_0/")) throw new Error(`a file outside of the folder: ${path}`);
    tree[path.slice("redis/db_0/".length)] = path.endsWith(".bin")
      ? toHex(bytes)
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }
  return tree;
}

function fatesOf({ ledger }: Decoded): Record<string, number> {
  const fates: Record<string, number> = {};
  for (const { adapter, fates: counts } of ledger.accounts) {
    for (const [fate, count] of Object.entries(counts)) fates[`${adapter} ${fate}`] = count;
  }
  return fates;
}

function notedOf({ warnings }: Decoded): unknown[][] {
  return warnings.map(({ event, fields }) => [
    event,
    ...Object.entries(fields).filter(([name]) => name !== "hint").map(([, value]) => value),
  ]);
}

/** Takes commands apart, and checks every length on the way. */
export function commandsIn(bytes: Uint8Array): string[][] {
  let at = 0;
  const number = (mark: string): number => {
    let text = "";
    for (; bytes[at] !== 0x0d; at++) text += String.fromCharCode(bytes[at]);
    if (!new RegExp(`^\\${mark}(0|[1-9]\\d*)$`).test(text)) {
      throw new Error(`not a length: ${text}`);
    }
    at += 2;
    return Number(text.slice(1));
  };
  const commands: string[][] = [];
  while (at < bytes.length) {
    const command: string[] = [];
    for (let n = number("*"); n > 0; n--) {
      const length = number("$");
      command.push(latin1(bytes.subarray(at, at + length)));
      at += length;
      if (bytes[at++] !== 0x0d || bytes[at++] !== 0x0a) throw new Error("an argument has no end");
    }
    commands.push(command);
  }
  return commands;
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
  let s = "";
  for (const b of bytes) s += String.fromCharCode(b);
  return s;
}

/** Bytes of such text. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Bytes one after the other: text is UTF-8, a number is a u32, a bigint a u64, both big-endian. */
export function cat(...parts: (string | Uint8Array | number | bigint)[]): Uint8Array {
  const out = new ByteBuilder();
  for (const part of parts) {
    if (typeof part === "number") out.append(big(BigInt(part), 4));
    else if (typeof part === "bigint") out.append(big(part, 8));
    else out.append(bytesOf(part));
  }
  return out.take();
}

function big(value: bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = BigInt.asUintN(64, value);
  for (let i = width - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** `prefix ‖ length ‖ name ‖ tail`. */
export function sized(
  prefix: string,
  name: string | Uint8Array,
  ...tail: (string | Uint8Array | number | bigint)[]
): Uint8Array {
  return cat(prefix, bytesOf(name).length, name, ...tail);
}

/** A double as eight big-endian bytes. */
export function double(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** Key of a list item. */
export function itemKey(name: string | Uint8Array, place: bigint): Uint8Array {
  return cat("!lst|itm|", name, place ^ (1n << 63n));
}
