/** One row of tens of MiB in each family, in all forms: memory is that of the row, not of its text. */

import { digestOf, sha256 } from "../../../src/bytes/digest.ts";
import {
  bucketKey,
  chunkBlobKey,
  chunkKey,
  objectKey,
  partKey,
  uploadKey,
} from "../../../src/keyspace/s3_keys.ts";
import { concat, type Part, text, u64be } from "../../support/generator/encoding.ts";
import { copies, MIB, numbered, testWideRows, type WideRow } from "../../support/wide_rows.ts";

const SIZE = 40 * MIB;
const LONG_NAME = 1_000_000;
const OBJECT = { bucket: text("b"), generation: 1n, object: text("o") };
const CHUNK = { ...OBJECT, upload: text("u"), part: 1n, chunk: 0n, version: 0n };

function bucket(name: Part = "b", more = ""): WideRow[] {
  const raw = concat(name);
  return [
    [bucketKey("s3-bucket", raw), text(`{"generation":1,"region":"us-east-1"${more}}`)],
    [bucketKey("s3-generation", raw), u64be(1)],
  ];
}

function object(more: string, chunk: Part = "x", part = ""): WideRow[] {
  const body = concat(chunk);
  const parts = `[{"part_no":1,"chunk_count":1,"chunk_sizes":[${body.length}]${part}}]`;
  const head = `{"upload_id":"u","size_bytes":${body.length},"parts":${parts}${more}}`;
  return [...bucket(), [objectKey(OBJECT), text(head)], [chunkKey("s3-blob", CHUNK), body]];
}

function offloaded(): WideRow[] {
  const piece = copies("x", SIZE);
  const [[metaKey, meta], counter, head] = object("", piece, `,"offloaded":true`);
  const digest = digestOf(sha256, piece);
  return [
    [metaKey, meta],
    counter,
    head,
    [chunkKey("s3-chunkref", CHUNK), concat(1, digest, u64be(piece.length), 0, 0)],
    [chunkBlobKey(digest), piece],
  ];
}

/** Names of 1 MB each, as many as are about `SIZE`. */
function longNames(): Uint8Array[] {
  return Array.from(
    { length: Math.floor(SIZE / LONG_NAME) },
    (_, i) => concat(String(i).padStart(3, "0"), copies("n", LONG_NAME)),
  );
}

const TINY = text(`{"upload_id":"u","size_bytes":1,"parts":[{"part_no":1,"chunk_count":1}]}`);
const long = (piece: string): string => piece.repeat(Math.floor(SIZE / piece.length));
const half = (piece: string): string => piece.repeat(Math.floor(SIZE / 2 / piece.length));

const KINDS: Record<string, () => WideRow[]> = {
  "a bucket's owner": () => bucket("b", `,"owner":"${long("\\u0001")}"`),
  "metadata in order": () =>
    object(`,"user_metadata":{${numbered(SIZE, (n) => `"a${n}":"abc",`)}"z":""}`),
  "metadata in another order": () =>
    object(
      `,"user_metadata":{"z":""` +
        numbered(SIZE, (n) => `,"a${[...n].reverse().join("")}":"abc"`) + "}",
    ),
  "metadata of one name": () => object(`,"user_metadata":{"a":"b"${long(`,"a":"b"`)}}`),
  "metadata in many objects": () =>
    object(`,"user_metadata":{}${long(`,"user_metadata":{"a":""}`)}`),
  "metadata with a long value": () => object(`,"user_metadata":{"a":"${long("<")}"}`),
  "metadata with a long name": () => object(`,"user_metadata":{"${long("\\n")}":"a"}`),
  "a header of quotes": () => object(`,"content_type":"${long('\\"')}"`),
  "a member that nobody knows": () => object(`,"${half("n")}":[${half("1,")}1]`),
  "many sizes of chunks": () => [
    ...object("").filter(([key]) => key[4] === 0x62),
    [
      objectKey(OBJECT),
      text(
        `{"upload_id":"u","size_bytes":1,"parts":[{"part_no":1,"chunk_count":1,"chunk_sizes":[1]},` +
          `{"part_no":2,"chunk_count":0,"chunk_sizes":[${long(" ")}]}]}`,
      ),
    ],
  ],
  "a chunk": () => object("", copies("x", SIZE)),
  "a chunk stored by its digest": offloaded,
  "an upload and a part": () => [
    ...bucket(),
    [uploadKey("s3-upload", CHUNK), copies("x", SIZE)],
    [partKey(CHUNK), copies("x", SIZE)],
  ],
  "an orphan": () => [...bucket(), [chunkKey("s3-blob", CHUNK), copies("x", SIZE)]],
  "long names of buckets": () => longNames().flatMap((name) => bucket(name)),
  "long keys of objects": () => [
    ...bucket(),
    ...longNames().flatMap((object): WideRow[] => [
      [objectKey({ ...OBJECT, object }), TINY],
      [chunkKey("s3-blob", { ...CHUNK, object }), text("x")],
    ]),
  ],
  "long ids of uploads": () => [
    ...bucket(),
    ...longNames().flatMap((upload): WideRow[] => [
      [uploadKey("s3-upload", { ...CHUNK, upload }), text("{}")],
      [chunkKey("s3-blob", { ...CHUNK, upload }), text("x")],
    ]),
  ],
};

const MORE = ["--include-incomplete-uploads", "--include-orphans", "--accept", "groups,orphans"];
const FORMS = [
  ["decode", "SNAP", "-o", "OUT", ...MORE],
  ["decode", "SNAP", "-o", "OUT", "--format", "tar", "--spool", "SPOOL", ...MORE],
  ["decode", "SNAP", "-o", "OUT", "--format", "records", "--bodies", "--spool", "SPOOL", ...MORE],
];

for (const [name, rows] of Object.entries(KINDS)) {
  for (const words of FORMS) testWideRows(name, rows, words);
}

// Rows that nothing else has.
for (const name of ["an upload and a part", "an orphan"]) {
  const words = ["decode", "SNAP", "-o", "OUT", "--raw", "--accept", "groups,orphans"];
  testWideRows(name, KINDS[name], words);
}

for (const name of ["metadata in another order", "a chunk", "long keys of objects"]) {
  testWideRows(name, KINDS[name], ["inspect", "SNAP"]);
  testWideRows(name, KINDS[name], ["verify", "SNAP", "--spool", "SPOOL"]);
}
for (const name of ["a bucket's owner", "long keys of objects"]) {
  const restorable = ["decode", "SNAP", "-o", "OUT", "--restorable", "--accept", "groups"];
  testWideRows(name, KINDS[name], restorable);
}
