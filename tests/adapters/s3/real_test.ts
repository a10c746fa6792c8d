/** Files of real nodes: every object is what clients read from the node, byte for byte. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  casesOf,
  exists,
  keysOf,
  noteMissingCorpus,
  snapshotsOf,
} from "../../conformance/cases.ts";
import { sha256Hex } from "../../../src/bytes/digest.ts";
import { fromBase64, STANDARD } from "../../../src/bytes/base64.ts";
import { decodeUtf8, encodeUtf8 } from "../../../src/text/utf8.ts";
import { encodeSegment } from "../../../src/tree/segment.ts";
import { type Dump, dump, records } from "./support.ts";

interface TrueObject {
  size: number;
  sha256: string;
  etag: string;
  last_modified: number;
  content_type: string | null;
  content_encoding: string | null;
  cache_control: string | null;
  content_disposition: string | null;
  metadata: Record<string, string>;
  body_b64?: string;
}

interface Truth {
  s3?: {
    buckets: Record<string, {
      acl: string;
      objects: Record<string, TrueObject>;
      uploads?: { key: string; upload_id: string; parts: unknown[] }[];
    }>;
  };
  s3_raw?: {
    hostile: {
      key_b64: string;
      body_b64: string;
      sha256: string;
      size: number;
      etag: string;
      content_type: string;
      metadata_i: string;
    }[];
  };
}

async function bytesOf(folder: string): Promise<Uint8Array> {
  if (exists(`${folder}snapshot.fsm`)) return Deno.readFileSync(`${folder}snapshot.fsm`);
  using file = Deno.openSync(`${folder}snapshot.fsm.gz`);
  const plain = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** The objects of a bucket by their keys (one character a byte): body, and parsed headers. */
function objectsOf(
  { files }: Dump,
  bucket: string,
): Map<string, { body: Uint8Array; headers: Record<string, unknown> }> {
  const folder = `s3/${encodeSegment(encodeUtf8(bucket))}/`;
  const text = (path: string) => decodeUtf8(files.get(path) ?? new Uint8Array(0))!;
  const originals = new Map<string, Uint8Array>();
  for (const line of text(`${folder}KEYMAP.jsonl`).split("\n").slice(0, -1)) {
    const { encoded, original } = JSON.parse(line);
    originals.set(encoded, Uint8Array.fromBase64(original, { alphabet: "base64url" }));
  }
  const objects = new Map();
  for (const [path, body] of files) {
    if (!path.startsWith(folder) || !files.has(`${path}.elastickv-meta.json`)) continue;
    const name = path.slice(folder.length);
    const key = originals.get(name) ?? encodeUtf8(name);
    const headers = JSON.parse(text(`${path}.elastickv-meta.json`));
    ok(!objects.has(latin1(key)), "a key has one file");
    objects.set(latin1(key), { body, headers });
  }
  return objects;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => String.fromCharCode(b)).join("");
}

for (const { name, folder } of casesOf("real")) {
  if (!exists(`${folder}truth.json`)) continue;
  const truth: Truth = JSON.parse(Deno.readTextFileSync(`${folder}truth.json`));
  if (!truth.s3) continue;
  Deno.test(`${name}: every object of the node is in the dump, and no other`, async () => {
    const found = await dump(await snapshotsOf({ name, folder }), {
      keys: keysOf({ name, folder }),
    });
    deepStrictEqual(found.wrong, []);
    deepStrictEqual(
      found.warnings.filter(({ event }) => event === "s3_etag_mismatch"),
      [],
      "the ETags of real nodes hold",
    );
    const buckets = Object.entries(truth.s3!.buckets);
    const folders = new Set([...found.files.keys()].map((path) => path.split("/")[1]));
    deepStrictEqual([...folders].sort(), buckets.map(([bucket]) => bucket).sort());
    for (const [bucket, { acl, objects }] of buckets) {
      const { files } = found;
      const file = JSON.parse(decodeUtf8(files.get(`s3/${bucket}/_bucket.json`)!)!);
      strictEqual(file.acl, acl);
      const ours = objectsOf(found, bucket);
      deepStrictEqual(
        [...ours.keys()].sort(),
        Object.keys(objects).map((key) => latin1(encodeUtf8(key))).sort(),
      );
      for (const [key, object] of Object.entries(objects)) {
        const { body, headers } = ours.get(latin1(encodeUtf8(key)))!;
        strictEqual(sha256Hex(body), object.sha256, key);
        strictEqual(body.length, object.size);
        const { last_modified, user_metadata = {}, ...rest } = headers as Record<string, string>;
        strictEqual(Math.floor(Date.parse(last_modified) / 1000), object.last_modified);
        deepStrictEqual(user_metadata, object.metadata);
        deepStrictEqual(rest, {
          format_version: 1,
          etag: object.etag,
          size_bytes: object.size,
          ...given("content_type", object.content_type),
          ...given("content_encoding", object.content_encoding),
          ...given("cache_control", object.cache_control),
          ...given("content_disposition", object.content_disposition),
        });
      }
    }
  });

  if (name !== "s3-basic" && name !== "s3-multipart") continue;
  Deno.test(`${name}: the uploads in progress are found, and their chunks are no orphans`, async () => {
    const bytes = await bytesOf(folder);
    const found = await dump(bytes, { includeIncompleteUploads: true });
    const uploads = [];
    const parts = [];
    for (const [path, text] of Object.entries(found.tree)) {
      if (!path.endsWith("/_incomplete_uploads/records.jsonl")) continue;
      for (const line of text.trimEnd().split("\n")) {
        const { prefix, value } = JSON.parse(line);
        const record = JSON.parse(atob(value));
        if (prefix === "!s3|upload|meta|") uploads.push(record.upload_id);
        else parts.push(record.part_no);
      }
    }
    const expected = Object.values(truth.s3!.buckets).flatMap(({ uploads = [] }) => uploads);
    deepStrictEqual(uploads.sort(), expected.map(({ upload_id }) => upload_id).sort());
    strictEqual(parts.length, expected.reduce((n, { parts }) => n + parts.length, 0));
    strictEqual(found.ledger.count("orphan"), 0);
    strictEqual(found.ledger.count("hidden"), 0);
  });

  Deno.test(`${name}: record lines say the same as the tree`, async () => {
    const { lines } = await records(await bytesOf(folder));
    const objects = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "object");
    const sums = objects.map(({ scope, key, value }) => [scope, key, value.sha256].join("\n"));
    const expected = Object.entries(truth.s3!.buckets).flatMap(([bucket, { objects }]) =>
      Object.entries(objects).map(([key, { sha256 }]) => [bucket, key, sha256].join("\n"))
    );
    deepStrictEqual(sums.sort(), expected.sort());
  });
}

for (const { name, folder } of casesOf("real")) {
  if (name !== "s3-hostile-keys") continue;
  const truth: Truth = JSON.parse(Deno.readTextFileSync(`${folder}truth.json`));
  Deno.test("s3-hostile-keys: all 61 keys are there, whatever they look like", async () => {
    const found = await dump(await bytesOf(folder));
    deepStrictEqual(found.wrong, []);
    const [bucket] = [...found.files.keys()].map((path) => path.split("/")[1])
      .filter((bucket) => bucket !== "public-bucket");
    const ours = objectsOf(found, bucket);
    const { hostile } = truth.s3_raw!;
    strictEqual(hostile.length, 61);
    strictEqual(ours.size, 61);
    for (const object of hostile) {
      const key = latin1(fromBase64(STANDARD, encodeUtf8(object.key_b64))!);
      const { body, headers } = ours.get(key)!;
      strictEqual(sha256Hex(body), object.sha256, key);
      strictEqual(headers.etag, object.etag);
      strictEqual(headers.content_type, object.content_type);
      deepStrictEqual(headers.user_metadata, { i: object.metadata_i });
    }
    for (const path of found.files.keys()) {
      ok(path.split("/").every((name) => name !== "" && name !== "." && name !== ".."), path);
      ok(path.split("/").every((name) => encodeUtf8(name).length <= 255), path);
    }
  });
}
noteMissingCorpus("real S3");

function given(name: string, value: string | null): Record<string, string> {
  return value === null || value === "" ? {} : { [name]: value };
}
