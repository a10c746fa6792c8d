/**
 * The values of rows, which are JSON: an object's headers and the parts of its body, and what a bucket
 * has. Long texts and lists stay where they are in the row.
 *
 * ```text
 * {"bucket_name":…,"generation":…,"created_at_hlc":…,"owner":…,"region":…,"acl":…}
 *
 * {"upload_id":…,"etag":…,"size_bytes":…,"last_modified_hlc":…,"content_type":…,"user_metadata":{…},
 *  "parts":[{"part_no":…,"etag":…,"chunk_count":…,"chunk_sizes":[…],"part_version":…,
 *            "chunk_ref_version":…,"offloaded":…},…]}
 * ```
 *
 * What a bucket's row says about its name is not looked at: that is in the key.
 *
 * @module
 */

import { sortedMembers } from "../../text/json_members.ts";
import { JsonObjects } from "../../text/json_objects.ts";
import { asStringBytes, asUint64, items, type JsonNode } from "../../text/json_reader.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import {
  bool,
  int64,
  type Reader,
  readValue,
  struct,
  textBytes,
  textMaps,
  uint64,
  wrong,
} from "./go_json.ts";

/** What a client gets with an object's body. Texts may be empty. */
export interface ObjectHeaders {
  /** Without quotes: 32 hex digits (MD5 of the body), or these, a hyphen and the number of parts. */
  etag: string;
  /** Unix milliseconds << 16 | counter; 0 = unknown. */
  lastModifiedHlc: bigint;
  /** As the client sent it. */
  contentType: string;
  /** As the client sent it. */
  contentEncoding: string;
  /** As the client sent it. */
  cacheControl: string;
  /** As the client sent it. */
  contentDisposition: string;
  /** By names in small letters, without `x-amz-meta-`. */
  userMetadata: Map<string, string>;
}

/** The same as it stands in an object's row: texts are UTF-8, metadata is where it is in the row. */
export interface StoredHeaders {
  etag: Uint8Array;
  lastModifiedHlc: bigint;
  contentType: Uint8Array;
  contentEncoding: Uint8Array;
  cacheControl: Uint8Array;
  contentDisposition: Uint8Array;
  /** Together they are one map. */
  userMetadata: JsonObjects;
}

/** The headers with values of their own. */
export function headersOf(stored: StoredHeaders): ObjectHeaders {
  return {
    etag: textOf(stored.etag),
    lastModifiedHlc: stored.lastModifiedHlc,
    contentType: textOf(stored.contentType),
    contentEncoding: textOf(stored.contentEncoding),
    cacheControl: textOf(stored.cacheControl),
    contentDisposition: textOf(stored.contentDisposition),
    userMetadata: new Map(
      Array.from(metadataOf(stored), ([name, value]) => [textOf(name), textOf(value)]),
    ),
  };
}

/** The metadata of a client, in the order of the names' bytes. */
export function* metadataOf(
  { userMetadata }: StoredHeaders,
): Generator<[name: Uint8Array, value: Uint8Array]> {
  for (const { name, value } of sortedMembers(userMetadata)) {
    yield [asStringBytes(name)!, asStringBytes(value) ?? NO_TEXT];
  }
}

const NO_TEXT = new Uint8Array(0);

function textOf(bytes: Uint8Array): string {
  return decodeUtf8(bytes)!;
}

/** The bytes of each chunk, as they stand in the JSON: to be walked, not to be kept as numbers. */
export interface ChunkSizes {
  /** The array; absent where there is none. */
  node?: JsonNode;
  /** Its elements. */
  count: number;
}

/** A part of a body. */
export interface Part {
  /** From 1. */
  number: bigint;
  /** How many chunks it has. */
  chunkCount: bigint;
  /** Empty where they are not given. */
  chunkSizes: ChunkSizes;
  /** Stands in the keys of its chunks, if it is not offloaded. */
  version: bigint;
  /** Stands in the keys of its chunk references, if it is offloaded. */
  refVersion: bigint;
  /** Whether its chunks are references. */
  offloaded: boolean;
}

/** What an object's row says; the keys of such rows begin with `!s3|obj|head|`. */
export interface ObjectHead extends StoredHeaders {
  /** Stands in the keys of all chunks. */
  uploadId: Uint8Array;
  /** Bytes of the body, as the row has it: nothing says yet that this is so. */
  size: bigint;
  /** In the order of the row. */
  parts: Part[];
}

/** The parts that S3 lets an object have. */
export const MAX_PARTS = 10_000;

const NO_SIZES: ChunkSizes = { count: 0 };

const chunkSizes: Reader<ChunkSizes> = (node, _was, name) => {
  if (node.kind === "null") return NO_SIZES;
  if (node.kind !== "array") throw wrong(node, name, "a list");
  let count = 0;
  for (const size of items(node)) {
    if (sizeOf(size) === undefined) throw wrong(size, name, "a list of unsigned integers");
    count++;
  }
  return { node, count };
};

const part: Reader<Part> = struct<Part>(
  () => ({
    number: 0n,
    chunkCount: 0n,
    chunkSizes: NO_SIZES,
    version: 0n,
    refVersion: 0n,
    offloaded: false,
  }),
  {
    number: ["part_no", uint64],
    chunkCount: ["chunk_count", uint64],
    chunkSizes: ["chunk_sizes", chunkSizes],
    version: ["part_version", uint64],
    refVersion: ["chunk_ref_version", uint64],
    offloaded: ["offloaded", bool],
  },
);

const parts: Reader<Part[]> = (node, _was, name) => {
  if (node.kind === "null") return [];
  if (node.kind !== "array") throw wrong(node, name, "a list");
  const list: Part[] = [];
  for (const item of items(node)) {
    if (list.length === MAX_PARTS) throw wrong(node, name, `a list of at most ${MAX_PARTS}`);
    list.push(part(item, undefined as never, name));
  }
  return list;
};

const head: Reader<ObjectHead> = struct<ObjectHead>(
  () => ({
    uploadId: new Uint8Array(0),
    etag: NO_TEXT,
    size: 0n,
    lastModifiedHlc: 0n,
    contentType: NO_TEXT,
    contentEncoding: NO_TEXT,
    cacheControl: NO_TEXT,
    contentDisposition: NO_TEXT,
    userMetadata: new JsonObjects(),
    parts: [],
  }),
  {
    uploadId: ["upload_id", textBytes],
    etag: ["etag", textBytes],
    size: ["size_bytes", int64],
    lastModifiedHlc: ["last_modified_hlc", uint64],
    contentType: ["content_type", textBytes],
    contentEncoding: ["content_encoding", textBytes],
    cacheControl: ["cache_control", textBytes],
    contentDisposition: ["content_disposition", textBytes],
    userMetadata: ["user_metadata", textMaps],
    parts: ["parts", parts],
  },
);

/**
 * What the value `bytes[start, end)` of an object's row says, or what is wrong with it. Valid as long as
 * the bytes are.
 */
export function parseObjectHead(
  bytes: Uint8Array,
  start: number,
  end: number,
): ObjectHead | string {
  const value = readValue(head, bytes, start, end);
  if (typeof value === "string") return value;
  const short = value.parts.find((part) => part.offloaded && !hasAllSizes(part));
  return short ? sizesMismatch(short) : value;
}

/** Whether a size is given for each chunk. */
export function hasAllSizes({ chunkSizes, chunkCount }: Part): boolean {
  return BigInt(chunkSizes.count) === chunkCount;
}

/** Says that it is not. */
export function sizesMismatch({ number, chunkSizes, chunkCount }: Part): string {
  return `part ${number} has ${chunkCount} chunks and the sizes of ${chunkSizes.count}`;
}

/** The sizes of a part's chunks, in order. */
export function* sizesOf({ chunkSizes }: Part): Generator<bigint, void> {
  if (chunkSizes.node) { for (const size of items(chunkSizes.node)) yield sizeOf(size) as bigint; }
}

function sizeOf(node: JsonNode): bigint | undefined {
  return node.kind === "null" ? 0n : asUint64(node);
}

/** What a bucket's row says. Texts may be empty. */
export interface BucketMeta {
  /** Of its objects: it rises when a bucket of that name is made anew. 0 = not given. */
  generation: bigint;
  /** When it was made: Unix milliseconds << 16 | counter. 0 = not given. */
  createdHlc: bigint;
  /** An access key id. */
  owner: string;
  /** Such as `us-east-1`. */
  region: string;
  /** `private` or `public-read`. */
  acl: string;
}

/** The same as it stands in the row: texts are UTF-8. */
export interface StoredBucket {
  generation: bigint;
  createdHlc: bigint;
  owner: Uint8Array;
  region: Uint8Array;
  acl: Uint8Array;
}

const storedBucket: Reader<StoredBucket> = struct<StoredBucket>(
  () => ({ generation: 0n, createdHlc: 0n, owner: NO_TEXT, region: NO_TEXT, acl: NO_TEXT }),
  {
    generation: ["generation", uint64],
    createdHlc: ["created_at_hlc", uint64],
    owner: ["owner", textBytes],
    region: ["region", textBytes],
    acl: ["acl", textBytes],
  },
);

/**
 * What the value `bytes[start, end)` of a bucket's row says, or what is wrong with it. Valid as long as
 * the bytes are.
 */
export function parseBucket(
  bytes: Uint8Array,
  start: number,
  end: number,
): StoredBucket | string {
  return readValue(storedBucket, bytes, start, end);
}

/** The same with values of its own. */
export function bucketMetaOf(stored: StoredBucket): BucketMeta {
  const { owner, region, acl } = stored;
  return {
    ...stored,
    owner: textOf(owner),
    region: textOf(region),
    acl: textOf(acl),
  };
}
