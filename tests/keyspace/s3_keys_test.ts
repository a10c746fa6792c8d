import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes/hex.ts";
import { FAMILY, type FamilyId } from "../../src/keyspace/families.ts";
import {
  bucketKey,
  chunkBlobKey,
  type ChunkKey,
  chunkKey,
  type Located,
  type ObjectKey,
  objectKey,
  parseBucketKey,
  parseChunkBlobKey,
  parseChunkKey,
  parseObjectKey,
  parsePartKey,
  parseUploadKey,
  partKey,
  uploadKey,
} from "../../src/keyspace/s3_keys.ts";
import { byteStrings, check, hex, inside, join, raw, u64s } from "./support.ts";

const k = { bucket: raw("b"), generation: 1n, object: raw("k") };
const u = { ...k, upload: raw("u") };

/** Without the offset, which depends on where the key lies. */
function parts<Key>(key: Located<Key> | string): unknown {
  if (typeof key === "string") return key;
  const { objectEnd: _, ...rest } = key;
  return rest;
}

Deno.test("keys of buckets and objects have the server's bytes", () => {
  strictEqual(
    toHex(bucketKey("s3-bucket", raw("photos"))),
    "2173337c6275636b65747c6d6574617c70686f746f730001",
  );
  strictEqual(
    toHex(bucketKey("s3-generation", raw("photos"))),
    "2173337c6275636b65747c67656e7c70686f746f730001",
  );
  strictEqual(
    toHex(objectKey({ bucket: raw("photos"), generation: 3n, object: raw("a/b.txt") })),
    "2173337c6f626a7c686561647c70686f746f7300010000000000000003612f622e7478740001",
  );
  strictEqual(
    toHex(objectKey({ ...k, object: raw("a\0b") })),
    "2173337c6f626a7c686561647c62000100000000000000016100ff620001",
  );
});

Deno.test("keys of uploads and parts have the server's bytes", () => {
  strictEqual(
    toHex(uploadKey("s3-upload", u)),
    "2173337c75706c6f61647c6d6574617c62000100000000000000016b0001750001",
  );
  strictEqual(
    toHex(partKey({ ...u, part: 2n })),
    "2173337c75706c6f61647c706172747c62000100000000000000016b00017500010000000000000002",
  );
});

Deno.test("keys of pieces have the server's bytes, with a version and without", () => {
  const blob = {
    bucket: raw("photos"),
    generation: 3n,
    object: raw("a/b.txt"),
    upload: raw("u1"),
    part: 1n,
    chunk: 0n,
    version: 0n,
  };
  strictEqual(
    toHex(chunkKey("s3-blob", blob)),
    "2173337c626c6f627c70686f746f7300010000000000000003612f622e7478740001" +
      "7531000100000000000000010000000000000000",
  );
  const versioned = hex(
    "2173337c626c6f627c62000100000000000000016b0001750001" +
      "00000000000000010000000000000000 019dd93c3c950005",
  );
  const key = { ...u, part: 1n, chunk: 0n, version: 116488018119163909n };
  deepStrictEqual(parts(parseChunkKey("s3-blob", ...inside(versioned))), key);
  deepStrictEqual(chunkKey("s3-blob", key), versioned);
  strictEqual(
    toHex(chunkKey("s3-chunkref", { ...key, version: 9n })),
    "2173337c6368756e6b7265667c62000100000000000000016b0001750001" +
      "000000000000000100000000000000000000000000000009",
  );
});

Deno.test("a version of eight zero bytes is version 0, too", () => {
  const key = { ...u, part: 1n, chunk: 0n, version: 0n };
  const written = join(chunkKey("s3-blob", key), new Uint8Array(8));
  deepStrictEqual(parts(parseChunkKey("s3-blob", ...inside(written))), key);
});

Deno.test("a stored chunk is called by its digest in hex of either case", () => {
  const digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const key = chunkBlobKey(hex(digits));
  deepStrictEqual(key, raw("!s3|chunkblob|" + digits));
  deepStrictEqual(parseChunkBlobKey(...inside(key)), hex(digits));
  deepStrictEqual(
    parseChunkBlobKey(...inside(raw("!s3|chunkblob|" + digits.toUpperCase()))),
    hex(digits),
  );
  strictEqual(
    parseChunkBlobKey(...inside(key.slice(0, -1))),
    "the digest has 63 digits instead of 64",
  );
  strictEqual(
    parseChunkBlobKey(...inside(raw("!s3|chunkblob|g" + digits.slice(1)))),
    "the digest is not hexadecimal",
  );
});

Deno.test("malformed keys of buckets say what is wrong", () => {
  const reason = "the bucket name has a bad escape or no terminator";
  for (const rest of ["", "p", "p\0", "p\0\x02", "\0"]) {
    strictEqual(parseBucketKey("s3-bucket", ...inside(raw("!s3|bucket|meta|" + rest))), reason);
  }
  strictEqual(
    parseBucketKey("s3-bucket", ...inside(raw("!s3|bucket|meta|photos\0\x01\0"))),
    "unexpected bytes at the end: 1",
  );
});

Deno.test("malformed keys of objects, parts and pieces say what is wrong", () => {
  strictEqual(
    parseObjectKey(...inside(raw("!s3|obj|head|b\0\x01\0\0\0\0\0\0\0"))),
    "it ends in the generation",
  );
  strictEqual(
    parseObjectKey(...inside(join(objectKey(k), raw("x")))),
    "unexpected bytes at the end: 1",
  );
  strictEqual(
    parseUploadKey("s3-upload", ...inside(raw("!s3|upload|meta|x"))),
    "the bucket name has a bad escape or no terminator",
  );
  strictEqual(
    parsePartKey(...inside(partKey({ ...u, part: 1n }).slice(0, -1))),
    "it ends in the part number",
  );
  const blob = chunkKey("s3-blob", { ...u, part: 1n, chunk: 0n, version: 0n });
  for (
    const [more, reason] of [[4, "it ends in the version"], [9, "unexpected bytes at the end: 1"]]
  ) {
    strictEqual(
      parseChunkKey("s3-blob", ...inside(join(blob, new Uint8Array(Number(more))))),
      reason,
    );
  }
  strictEqual(
    parseChunkKey("s3-blob", ...inside(blob.slice(0, -1))),
    "it ends in the chunk number",
  );
});

const chunks: fc.Arbitrary<ChunkKey> = fc.record({
  bucket: byteStrings(),
  generation: u64s,
  object: byteStrings(),
  upload: byteStrings(),
  part: u64s,
  chunk: u64s,
  version: u64s,
}, { noNullPrototype: true });

Deno.test("parsing gives back what keys were built from", () => {
  check(fc.property(chunks, fc.uint8Array({ minLength: 32, maxLength: 32 }), (key, digest) => {
    const { version: _v, chunk: _c, ...part } = key;
    const { part: _p, ...upload } = part;
    const { upload: _u, ...object } = upload;
    for (const family of ["s3-bucket", "s3-generation"] as const) {
      deepStrictEqual(
        parseBucketKey(family, ...inside(bucketKey(family, key.bucket))),
        key.bucket,
      );
    }
    deepStrictEqual(parts(parseObjectKey(...inside(objectKey(object)))), object);
    for (const family of ["s3-upload", "s3-upload-gc"] as const) {
      deepStrictEqual(parts(parseUploadKey(family, ...inside(uploadKey(family, upload)))), upload);
    }
    deepStrictEqual(parts(parsePartKey(...inside(partKey(part)))), part);
    for (const family of ["s3-blob", "s3-chunkref"] as const) {
      deepStrictEqual(parts(parseChunkKey(family, ...inside(chunkKey(family, key)))), key);
    }
    deepStrictEqual(parseChunkBlobKey(...inside(chunkBlobKey(digest))), digest);
  }));
});

Deno.test("all rows of an object agree up to the end of its name", () => {
  /** What stands between the prefix and the end of the object's name. */
  function named(
    family: FamilyId,
    key: Uint8Array,
    parse: (...range: [Uint8Array, number, number]) => Located<ObjectKey> | string,
  ): string {
    const parsed = parse(key, 0, key.length);
    ok(typeof parsed !== "string");
    return toHex(key.subarray(FAMILY[family].bytes.length, parsed.objectEnd));
  }
  check(fc.property(chunks, (key) => {
    const object = named("s3-object", objectKey(key), parseObjectKey);
    strictEqual(named("s3-part", partKey(key), parsePartKey), object);
    for (const family of ["s3-upload", "s3-upload-gc"] as const) {
      const parse = parseUploadKey.bind(null, family);
      strictEqual(named(family, uploadKey(family, key), parse), object);
    }
    for (const family of ["s3-blob", "s3-chunkref"] as const) {
      const parse = parseChunkKey.bind(null, family);
      strictEqual(named(family, chunkKey(family, key), parse), object);
    }
  }));
});
