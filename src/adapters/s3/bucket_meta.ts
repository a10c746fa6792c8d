/** The value of a bucket's row: JSON. What it says about the bucket's name is not looked at. @module */

import { decodeUtf8 } from "../../text/utf8.ts";
import { type Reader, readValue, struct, textBytes, uint64 } from "./go_json.ts";

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

const NO_TEXT = new Uint8Array(0);

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
    owner: decodeUtf8(owner)!,
    region: decodeUtf8(region)!,
    acl: decodeUtf8(acl)!,
  };
}
