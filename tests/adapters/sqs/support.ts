/** What the tests of the SQS adapter share. @module */

import { deepStrictEqual } from "node:assert/strict";
import { toBase64, URL_SAFE } from "../../../src/bytes/base64.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { FAMILY } from "../../../src/keyspace/families.ts";
import { type SqsFamily, type SqsKey, sqsKey } from "../../../src/keyspace/sqs_keys.ts";
import { sqs } from "../../../src/adapters/sqs/mod.ts";
import { type Decoded, decodeWith, textOf } from "../../support/decode.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";

export type Options = Parameters<typeof decodeWith>[2];

/** What a decode gave, in a form that is easy to compare. */
export interface Dump extends Decoded {
  /** Path → text; bytes that are not UTF-8 are replaced. */
  tree: Record<string, string>;
  /** `code scope` of each problem. */
  wrong: string[];
  /** Rows by what became of them, as `scope fate`. */
  fates: Record<string, number>;
  /** The record lines of the same snapshot. */
  records: string[];
}

/** Decodes rows, or a whole file, to a tree and to record lines; both must balance and agree. */
export async function dump(input: TestEntry[] | Uint8Array, options: Options = {}): Promise<Dump> {
  return await dumpFiles([input instanceof Uint8Array ? input : stream(input)], options);
}

/** The same for several files. */
export async function dumpFiles(files: Uint8Array[], options: Options = {}): Promise<Dump> {
  const decoded = await decodeWith(sqs, files, options);
  const lines = await decodeWith(sqs, files, { ...options, records: true });
  deepStrictEqual(decoded.unbalanced, []);
  deepStrictEqual(lines.unbalanced, []);
  deepStrictEqual(fatesOf(lines), fatesOf(decoded), "both outputs give rows the same fates");
  deepStrictEqual(lines.warnings, decoded.warnings);
  deepStrictEqual(wrongOf(lines), wrongOf(decoded));
  const text = new TextDecoder().decode(lines.lines);
  return {
    ...decoded,
    tree: Object.fromEntries([...decoded.files.keys()].map((p) => [p, textOf(decoded, p)!])),
    wrong: wrongOf(decoded),
    fates: fatesOf(decoded),
    records: text === "" ? [] : text.trimEnd().split("\n"),
  };
}

function wrongOf({ problems }: Decoded): string[] {
  return problems.map(({ error, scope }) =>
    `${error.code} ${scope ? new TextDecoder().decode(scope) : "-"}`
  );
}

function fatesOf({ ledger }: Decoded): Record<string, number> {
  const fates: Record<string, number> = {};
  for (const { scope, fates: counts } of ledger.accounts) {
    const name = scope ? new TextDecoder().decode(scope) : "-";
    for (const [fate, count] of Object.entries(counts)) fates[`${name} ${fate}`] = count;
  }
  return fates;
}

/** Warnings as `[event, values…]`, without the hints. */
export function warningsOf({ warnings }: Decoded): unknown[][] {
  return warnings.map(({ event, fields }) => [
    event,
    ...Object.entries(fields).filter(([name]) => name !== "hint").map(([, value]) => value),
  ]);
}

/** Base64 as keys have it. */
export function seg(name: string): string {
  return toBase64(URL_SAFE, bytesOf(name));
}

type Parts = Omit<SqsKey, "queue" | "id" | "group"> & { id?: string; group?: string };

/** A key of an SQS family. */
export function key(family: SqsFamily, queue: string, parts: Parts = {}): Uint8Array {
  const { id, group, ...rest } = parts;
  return sqsKey(family, {
    queue: bytesOf(queue),
    ...rest,
    ...(id === undefined ? {} : { id: bytesOf(id) }),
    ...(group === undefined ? {} : { group: bytesOf(group) }),
  });
}

/** A key put together by hand: the family's prefix and whatever follows; characters are bytes. */
export function rawKey(family: SqsFamily, rest: string): Uint8Array {
  const bytes = Uint8Array.from(rest, (c) => c.charCodeAt(0));
  return new ByteBuilder().append(FAMILY[family].bytes).append(bytes).take();
}

/** A value: `Q` for a queue, `M` for a message, and its JSON. */
export function value(letter: "Q" | "M", json: string): Uint8Array {
  return new ByteBuilder().append(Uint8Array.of(0, 0x53, letter.charCodeAt(0), 1)).text(json)
    .take();
}

/** The row of a queue. Members are JSON text. */
export function queueRow(name: string, members: Record<string, unknown> = {}): TestEntry {
  return {
    key: key("sqs-queue", name),
    value: value("Q", JSON.stringify({ name, generation: 1, ...members })),
  };
}

/** The row of a generation counter. */
export function counterRow(name: string, counter: string | bigint = 1n): TestEntry {
  return { key: key("sqs-generation", name), value: String(counter) };
}

/** The row of a message; `partition` puts it into the second layout. */
export function messageRow(
  queue: string,
  id: string,
  { generation = 1n, partition, json = "" }: {
    generation?: bigint;
    partition?: number;
    /** More members, as JSON text that begins with a comma. */
    json?: string;
  } = {},
): TestEntry {
  const text = `{"message_id":${JSON.stringify(id)},"queue_generation":${generation}${json}}`;
  return {
    key: key("sqs-message", queue, {
      generation,
      id,
      ...(partition === undefined ? {} : { partition }),
    }),
    value: value("M", text),
  };
}

/** The ids in the lines of a file, in their order. */
export function idsIn(lines: string | undefined): string[] {
  if (lines === undefined) return [];
  return lines.trimEnd().split("\n").map((line) => JSON.parse(line).message_id);
}

/** The SHA-256 of a file of a dump. */
export function sumOf({ files }: Decoded, path: string): string {
  return sha256Hex(files.get(path)!);
}
