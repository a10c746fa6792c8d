/** What the tests of the S3 adapter share. @module */

import { deepStrictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import type { Problem } from "../../../src/mvcc/problems.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { s3 } from "../../../src/adapters/s3/mod.ts";
import { ByteBuilder } from "../../../src/bytes/builder.ts";
import { digestOf, md5, sha256 } from "../../../src/bytes/digest.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { putU64be } from "../../../src/bytes/integers.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import {
  bucketKey,
  chunkBlobKey,
  chunkKey,
  objectKey,
  partKey,
  uploadKey,
} from "../../../src/keyspace/s3_keys.ts";
import { rowValue } from "../../../src/mvcc/row_batch.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../../src/sources/bytes_source.ts";
import { MemoryScratch, type Scratch } from "../../../src/sources/scratch.ts";
import { FileNames } from "../../../src/tree/file_names.ts";
import { TreeOutput } from "../../../src/tree/output.ts";
import type { Sink } from "../../../src/tree/sink.ts";
import { type Decoded, decodeWith } from "../../support/decode.ts";
import { bytesOf, stream, type TestEntry } from "../../support/stream.ts";

export type Options = NonNullable<Parameters<typeof decodeWith>[2]>;
export type Name = Uint8Array | string;

/** What a decode gave, in a form that is easy to compare. */
export interface Dump extends Decoded {
  /** Path → text; bytes that are not UTF-8 are replaced. */
  tree: Record<string, string>;
  /** `code: message` of each problem. */
  wrong: string[];
  /** Rows by what became of them, as `scope fate`. */
  fates: Record<string, number>;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as text; those that are not UTF-8 are replaced. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Decodes rows, or a whole file, into a tree. It must balance. */
export async function dump(
  input: TestEntry[] | Uint8Array | Uint8Array[],
  options: Options = {},
): Promise<Dump> {
  const files = input instanceof Uint8Array || input[0] instanceof Uint8Array
    ? input as Uint8Array | Uint8Array[]
    : stream(input as TestEntry[]);
  const decoded = await decodeWith(s3, files, options);
  deepStrictEqual(decoded.unbalanced, []);
  return {
    ...decoded,
    tree: Object.fromEntries([...decoded.files].map(([path, b]) => [path, decoder.decode(b)])),
    wrong: decoded.problems.map(({ error }) => `${error.code}: ${error.message}`),
    fates: fatesOf(decoded),
  };
}

/** Decodes rows into record lines, which must balance and give the rows the fates of the tree. */
export async function records(
  input: TestEntry[] | Uint8Array,
  options: Options = {},
): Promise<{ lines: string[]; decoded: Decoded }> {
  const bytes = input instanceof Uint8Array ? input : stream(input);
  const decoded = await decodeWith(s3, bytes, { ...options, records: true });
  deepStrictEqual(decoded.unbalanced, []);
  const text = decoder.decode(decoded.lines);
  return { lines: text === "" ? [] : text.trimEnd().split("\n"), decoded };
}

/** Rows by what became of them. */
export function fatesOf({ ledger }: Decoded): Record<string, number> {
  const fates: Record<string, number> = {};
  for (const { scope, fates: counts } of ledger.accounts) {
    const name = scope ? decoder.decode(scope) : "-";
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

/** The names of the files in a bucket's folder, without those with headers. */
export function bodiesOf(tree: Record<string, string>, bucket: string): Record<string, string> {
  const folder = `s3/${bucket}/`;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([path]) => path.startsWith(folder) && `${path}.elastickv-meta.json` in tree)
      .map(([path, body]) => [path.slice(folder.length), body]),
  );
}

/** The MD5 of a text as 32 hex digits. */
export function md5Of(body: Name): string {
  return toHex(digestOf(md5, bytesOf(body)));
}

/** The row of a bucket, with a generation counter beside it. */
export function bucketRows(name: Name, generation = 1): TestEntry[] {
  const counter = new Uint8Array(8);
  putU64be(counter, 0, BigInt(generation));
  return [
    {
      key: bucketKey("s3-bucket", bytesOf(name)),
      value: JSON.stringify({ bucket_name: "any", generation, region: "us-east-1" }),
    },
    { key: bucketKey("s3-generation", bytesOf(name)), value: counter },
  ];
}

/** Where an object is. */
export interface Where {
  bucket?: Name;
  generation?: number | bigint;
  upload?: Name;
}

function at(object: Name, { bucket = "b", generation = 1 }: Where) {
  return { bucket: bytesOf(bucket), generation: BigInt(generation), object: bytesOf(object) };
}

/** The row of an object, its value as JSON. */
export function headRow(object: Name, head: object | string, where: Where = {}): TestEntry {
  const value = typeof head === "string" ? head : JSON.stringify(head);
  return { key: objectKey(at(object, where)), value };
}

/** The row of a chunk. */
export function blobRow(
  object: Name,
  data: Name,
  where: Where & { part?: bigint; chunk?: bigint; version?: bigint } = {},
): TestEntry {
  const { upload = "u", part = 1n, chunk = 0n, version = 0n } = where;
  const key = { ...at(object, where), upload: bytesOf(upload), part, chunk, version };
  return { key: chunkKey("s3-blob", key), value: data };
}

/** The row of a reference to a chunk, and the row of the chunk. */
export function refRows(
  object: Name,
  data: Name,
  where: Where & { part?: bigint; chunk?: bigint; version?: bigint } = {},
): [TestEntry, TestEntry] {
  const { upload = "u", part = 1n, chunk = 0n, version = 0n } = where;
  const key = { ...at(object, where), upload: bytesOf(upload), part, chunk, version };
  const digest = digestOf(sha256, bytesOf(data));
  return [
    { key: chunkKey("s3-chunkref", key), value: refValue(digest, bytesOf(data).length) },
    { key: chunkBlobKey(digest), value: data },
  ];
}

/** The value of a reference, version 1. */
export function refValue(digest: Uint8Array, size: number): Uint8Array {
  const out = new ByteBuilder().byte(1).append(digest).append(new Uint8Array(8));
  putU64be(out.bytes, 33, BigInt(size));
  return out.byte(0).byte(2).ascii("n1").take();
}

/** An object as a single PUT leaves it. */
export function objectRows(object: Name, body: Name, where: Where = {}): TestEntry[] {
  const size = bytesOf(body).length;
  const etag = md5Of(body);
  const { upload = "u" } = where;
  const part = { part_no: 1, etag, size_bytes: size, chunk_count: 1, chunk_sizes: [size] };
  const head = headRow(object, {
    upload_id: typeof upload === "string" ? upload : decoder.decode(upload),
    etag,
    size_bytes: size,
    last_modified_hlc: 65536,
    ...(size > 0 ? { parts: [part] } : {}),
  }, where);
  return size > 0 ? [head, blobRow(object, body, where)] : [head];
}

/** The row of an upload in progress. */
export function uploadRow(object: Name, where: Where = {}, value = "{}"): TestEntry {
  const { upload = "u" } = where;
  return { key: uploadKey("s3-upload", { ...at(object, where), upload: bytesOf(upload) }), value };
}

/** The row of a part of an upload. */
export function partRow(object: Name, part: bigint, where: Where = {}, value = "{}"): TestEntry {
  const { upload = "u" } = where;
  return { key: partKey({ ...at(object, where), upload: bytesOf(upload), part }), value };
}

/** Decodes rows into a sink of the caller's. */
export async function dumpInto(
  sink: Sink,
  input: TestEntry[],
  options: Options = {},
  scratch: Scratch = new MemoryScratch(),
): Promise<{
  ledger: Ledger;
  problems: Problem[];
  raw: string[];
}> {
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(stream(input)) }]);
  const own = s3.books(options);
  const ledger = new Ledger(snapshot.info.totals.filter(({ family }) => own.has(family.id)));
  const problems: Problem[] = [];
  const raw: string[] = [];
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch,
    ledger,
    options,
    handlers: {
      onProblem: (problem) => void problems.push(problem),
      onWarning: () => {},
      writeRaw: (batch, i) => void raw.push(decoder.decode(rowValue(batch, i))),
    },
  });
  const names = new FileNames(!await sink.keepsNames());
  await s3.writeTree(context, {}, new TreeOutput(sink, scratch, names));
  deepStrictEqual(ledger.unbalanced, []);
  return { ledger, problems, raw };
}
