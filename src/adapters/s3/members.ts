/** What a dump says about buckets and objects: the members of its JSON, in their order. @module */

import { type JsonWriter, LONG_STRING, type Pieces } from "../../text/json_writer.ts";
import { rfc3339FromHlc } from "../../text/rfc3339.ts";
import { metadataOf, type StoredBucket, type StoredHeaders } from "./values.ts";

/** Writes the members of a bucket; empty ones are left out. */
export function* writeBucketMembers(
  json: JsonWriter,
  { owner, region, acl }: StoredBucket,
): Pieces {
  yield* writeText(json, "owner", owner);
  yield* writeText(json, "region", region);
  yield* writeText(json, "acl", acl);
}

/** When a bucket was made, as ListBuckets says it; empty where its row does not say. */
export function creationDate({ createdHlc }: StoredBucket): string {
  return createdHlc === 0n ? "" : rfc3339FromHlc(createdHlc);
}

/** Writes what `_bucket.json` has no place for. */
export function writeBucketExtra(json: JsonWriter, bucket: StoredBucket): void {
  const date = creationDate(bucket);
  if (date !== "") json.name("creation_date").string(date);
}

/** Writes the members of an object; empty ones are left out, but for its size. */
export function* writeObjectMembers(
  json: JsonWriter,
  headers: StoredHeaders,
  size: number,
): Pieces {
  const { lastModifiedHlc } = headers;
  yield* writeText(json, "etag", headers.etag);
  json.name("size_bytes").integer(size);
  if (lastModifiedHlc !== 0n) json.name("last_modified").string(rfc3339FromHlc(lastModifiedHlc));
  for (const [name, member] of TEXTS) {
    const value = headers[member];
    if (value.length > LONG_STRING) yield* json.name(name).text(value);
    else if (value.length > 0) json.name(name).stringBytes(value);
  }
  if (headers.userMetadata.length === 0) return;
  json.name("user_metadata").beginObject();
  for (const [name, value] of metadataOf(headers)) {
    yield* json.textName(name);
    yield* json.text(value);
    if (json.isFull) yield;
  }
  json.endObject();
}

/** Texts of an object that stand behind its date. */
const TEXTS = [
  ["content_type", "contentType"],
  ["content_encoding", "contentEncoding"],
  ["cache_control", "cacheControl"],
  ["content_disposition", "contentDisposition"],
] as const;

function* writeText(json: JsonWriter, name: string, value: Uint8Array): Pieces {
  if (value.length > 0) yield* json.name(name).text(value);
}
