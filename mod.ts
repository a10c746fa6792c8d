/**
 * Opens the snapshots of an elastickv node and gives what is in them: DynamoDB items, S3 objects, Redis
 * keys, SQS messages, or a dump of ordinary files. Runs in Deno, in Node and in browsers.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * const snap = await openSnapshot(await Deno.readFile("0000000000000235.fsm"));
 * for await (const item of snap.dynamodb.table("orders").items()) console.log(item);
 * ```
 *
 * @module
 */

export * from "./src/errors.ts";
export { type Input } from "./src/commands/open_input.ts";
export { OpenSnapshot, openSnapshot } from "./src/commands/open_snapshot.ts";
export { decode } from "./src/commands/decode.ts";
export { decodeRecords } from "./src/commands/decode_records.ts";
export { type DecodeOptions } from "./src/commands/decode_options.ts";
export { type DecodeReport } from "./src/commands/decode_run.ts";
export { MemorySink } from "./src/sinks/memory_sink.ts";
