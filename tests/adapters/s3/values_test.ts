/** The JSON values of buckets and objects. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { bucketMetaOf, parseBucket, type StoredBucket } from "../../../src/adapters/s3/values.ts";
import {
  headersOf,
  MAX_PARTS,
  type ObjectHead,
  parseObjectHead,
  sizesOf,
} from "../../../src/adapters/s3/values.ts";
import { bytesOf } from "../../support/stream.ts";

function headOf(json: string | Uint8Array): ObjectHead | string {
  const bytes = bytesOf(json);
  return parseObjectHead(bytes, 0, bytes.length);
}

function sound(json: string | Uint8Array): ObjectHead {
  const head = headOf(json);
  if (typeof head === "string") throw new Error(head);
  return head;
}

Deno.test("integers are exact to 64 bits", () => {
  const { size, lastModifiedHlc, parts } = sound(
    '{"size_bytes":9223372036854775807,"last_modified_hlc":18446744073709551615,' +
      '"parts":[{"part_no":116488018119163909,"part_version":116488018119163911}]}',
  );
  strictEqual(size, 9223372036854775807n);
  strictEqual(lastModifiedHlc, 18446744073709551615n);
  strictEqual(parts[0].number, 116488018119163909n);
  strictEqual(parts[0].version, 116488018119163911n);
  strictEqual(sound('{"size_bytes":-9223372036854775808}').size, -9223372036854775808n);
});

Deno.test("names match whatever their case, and the later of two members counts", () => {
  strictEqual(headersOf(sound('{"ETag":"a","etag":"b","ETAG":"c"}')).etag, "c");
  strictEqual(headersOf(sound('{"\\u0045tag":"x"}')).etag, "x");
  // A long s and a Kelvin sign are an s and a k.
  strictEqual(sound('{"\u017fize_bytes":1}').size, 1n);
  strictEqual(sound('{"parts":[{"chun\u212a_count":1}]}').parts[0].chunkCount, 1n);
  strictEqual(sound('{"la\ufb05_modified_hlc":1}').lastModifiedHlc, 0n);
  strictEqual(headersOf(sound('{"etags":"x"}')).etag, "");
});

Deno.test("null leaves what was read, and empties lists and maps", () => {
  strictEqual(headersOf(sound('{"etag":"a","etag":null}')).etag, "a");
  deepStrictEqual(sound('{"parts":[{"part_no":1}],"parts":null}').parts, []);
  const { userMetadata } = headersOf(
    sound('{"user_metadata":{"a":"1"},"user_metadata":null}'),
  );
  deepStrictEqual([...userMetadata], []);
  deepStrictEqual(sound("null"), sound("{}"));
  strictEqual(sound('{"parts":[null]}').parts[0].chunkCount, 0n);
});

Deno.test("maps that are given twice are one map; null in it is the empty text", () => {
  const { userMetadata } = headersOf(sound(
    '{"user_metadata":{"a":"1","b":"2"},"user_metadata":{"b":null,"__proto__":"3"}}',
  ));
  deepStrictEqual([...userMetadata], [["__proto__", "3"], ["a", "1"], ["b", ""]]);
});

Deno.test("sizes of chunks are read when they are wanted; null is 0", () => {
  const [part] = sound('{"parts":[{"chunk_sizes":[ 1, null ,18446744073709551615]}]}').parts;
  strictEqual(part.chunkSizes.count, 3);
  deepStrictEqual([...sizesOf(part)], [1n, 0n, 18446744073709551615n]);
});

Deno.test("the upload id is bytes", () => {
  deepStrictEqual(sound('{"upload_id":"\\u00e9\\u0000"}').uploadId, Uint8Array.of(0xc3, 0xa9, 0));
});

Deno.test("what is of another type is refused with the member's name", () => {
  const cases: [string, RegExp][] = [
    ["", /too early/],
    ["[]", /the value must be an object/],
    ["{} x", /something follows/],
    ['{"etag":1}', /^etag must be text/],
    ['{"SIZE_BYTES":1.0}', /^SIZE_BYTES must be an integer/],
    ['{"size_bytes":1e3}', /size_bytes/],
    ['{"size_bytes":9223372036854775808}', /size_bytes/],
    ['{"last_modified_hlc":-0}', /last_modified_hlc/],
    ['{"user_metadata":[]}', /user_metadata must be an object/],
    ['{"user_metadata":{"a":true}}', /user_metadata/],
    ['{"parts":{}}', /parts must be a list/],
    ['{"parts":[1]}', /parts must be an object/],
    ['{"parts":[{"offloaded":1}]}', /offloaded must be true or false/],
    ['{"parts":[{"chunk_sizes":[1,-1]}]}', /chunk_sizes must be a list of unsigned integers/],
    ['{"parts":[{"offloaded":true,"chunk_count":2,"chunk_sizes":[1]}]}', /2 chunks and the sizes/],
  ];
  for (const [json, message] of cases) {
    const result = headOf(json);
    ok(typeof result === "string", json);
    match(result, message);
  }
});

Deno.test("an object has no more parts than S3 allows", () => {
  const parts = (n: number): string => `{"parts":[${Array(n).fill("{}").join()}]}`;
  strictEqual(sound(parts(MAX_PARTS)).parts.length, MAX_PARTS);
  match(headOf(parts(MAX_PARTS + 1)) as string, /at most 10000/);
});

Deno.test("a bucket's value is read by the same rules", () => {
  const json = bytesOf('{"Generation":3,"created_at_hlc":5,"owner":"o","region":null,"acl":"a"}');
  deepStrictEqual(bucketMetaOf(parseBucket(json, 0, json.length) as StoredBucket), {
    generation: 3n,
    createdHlc: 5n,
    owner: "o",
    region: "",
    acl: "a",
  });
});
