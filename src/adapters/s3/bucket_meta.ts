/** The value of a bucket's row: JSON. What it says about the bucket's name is not looked at. @module */

import { type Reader, readValue, struct, text, uint64 } from "./go_json.ts";

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

const bucketMeta: Reader<BucketMeta> = struct<BucketMeta>(
  () => ({ generation: 0n, createdHlc: 0n, owner: "", region: "", acl: "" }),
  {
    generation: ["generation", uint64],
    createdHlc: ["created_at_hlc", uint64],
    owner: ["owner", text],
    region: ["region", text],
    acl: ["acl", text],
  },
);

/** What the value `bytes[start, end)` of a bucket's row says, or what is wrong with it. */
export function parseBucketMeta(
  bytes: Uint8Array,
  start: number,
  end: number,
): BucketMeta | string {
  return readValue(bucketMeta, bytes, start, end);
}
