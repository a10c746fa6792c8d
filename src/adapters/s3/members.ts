/** What a dump says about buckets and objects: the members of its JSON, in their order. @module */

import type { JsonWriter, Pieces } from "../../text/json_writer.ts";
import { rfc3339FromHlc } from "../../text/rfc3339.ts";
import { metadataOf, type StoredBucket, type StoredHeaders } from "./values.ts";

/** Writes the members of a bucket; empty ones are left out. */
export function* writeBucketMembers(
  json: JsonWriter,
  { owner, region, acl }: StoredBucket,
): Pieces {
  yield* writeTexts(json, { owner, region, acl });
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
  const { etag, lastModifiedHlc } = headers;
  yield* writeTexts(json, { etag });
  json.name("size_bytes").integer(size);
  if (lastModifiedHlc !== 0n) json.name("last_modified").string(rfc3339FromHlc(lastModifiedHlc));
  yield* writeTexts(json, {
    content_type: headers.contentType,
    content_encoding: headers.contentEncoding,
    cache_control: headers.cacheControl,
    content_disposition: headers.contentDisposition,
  });
  if (headers.userMetadata.length === 0) return;
  json.name("user_metadata").beginObject();
  for (const [name, value] of metadataOf(headers)) {
    yield* json.textName(name);
    yield* json.text(value);
    if (json.isFull) yield;
  }
  json.endObject();
}

function* writeTexts(json: JsonWriter, texts: { [name: string]: Uint8Array }): Pieces {
  for (const [name, value] of Object.entries(texts)) {
    if (value.length > 0) yield* json.name(name).text(value);
  }
}
