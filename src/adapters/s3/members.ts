/** What a dump says about buckets and objects: the members of its JSON, in their order. @module */

import { type JsonWriter } from "../../text/json_writer.ts";
import { compareUtf8 } from "../../text/utf8.ts";
import { rfc3339FromHlc } from "../../text/rfc3339.ts";
import type { BucketMeta } from "./bucket_meta.ts";
import type { ObjectHeaders } from "./manifest.ts";

/** Writes the members of a bucket; empty ones are left out. */
export function writeBucketMembers(json: JsonWriter, { owner, region, acl }: BucketMeta): void {
  writeTexts(json, { owner, region, acl });
}

/** When a bucket was made, as ListBuckets says it; empty where its row does not say. */
export function creationDate({ createdHlc }: BucketMeta): string {
  return createdHlc === 0n ? "" : rfc3339FromHlc(createdHlc);
}

/** Writes what `_bucket.json` has no place for. */
export function writeBucketExtra(json: JsonWriter, bucket: BucketMeta): void {
  writeTexts(json, { creation_date: creationDate(bucket) });
}

/** Writes the members of an object; empty ones are left out, but for its size. */
export function writeObjectMembers(
  json: JsonWriter,
  headers: ObjectHeaders,
  size: number,
): void {
  const { etag, lastModifiedHlc, userMetadata } = headers;
  writeTexts(json, { etag });
  json.name("size_bytes").integer(size);
  writeTexts(json, {
    last_modified: lastModifiedHlc === 0n ? "" : rfc3339FromHlc(lastModifiedHlc),
    content_type: headers.contentType,
    content_encoding: headers.contentEncoding,
    cache_control: headers.cacheControl,
    content_disposition: headers.contentDisposition,
  });
  if (userMetadata.size === 0) return;
  json.name("user_metadata").beginObject();
  for (const [name, value] of [...userMetadata].sort(([a], [b]) => compareUtf8(a, b))) {
    json.name(name).string(value);
  }
  json.endObject();
}

function writeTexts(json: JsonWriter, texts: { [name: string]: string }): void {
  for (const [name, value] of Object.entries(texts)) {
    if (value !== "") json.name(name).string(value);
  }
}
