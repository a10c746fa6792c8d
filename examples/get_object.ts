/**
 * Writes the body of one S3 object to standard output, piece by piece, and its headers to standard error.
 *
 *     deno run --allow-read examples/get_object.ts 0000000000000235.fsm photos 2026/meadow.jpg > meadow.jpg
 *
 * The exit code is 1 if there is no such object, or if it is not whole.
 *
 * @module
 */

import { openSnapshot } from "../mod.ts";

const [file, bucket, key] = Deno.args;
using snap = await openSnapshot(file);
const object = await snap.s3.bucket(bucket).get(key);
if (!object) {
  console.error("there is no such object");
  Deno.exit(1);
}
console.error(object.headers);
await object.body.stream().pipeTo(Deno.stdout.writable);
