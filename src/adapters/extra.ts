/**
 * What clients can read and the adapter's folder has no place for. The folders are what elastickv's own
 * tools read and compare, so nothing may be added to them; it goes to a list beside them:
 *
 * ```text
 * _extra/<adapter>.jsonl    {"scope":"jobs","type":"queue","value":{"tags":{"env":"prod"},…}}
 * ```
 *
 * One line a thing, sorted by the bytes of the names. Without anything to say there is no file.
 *
 * @module
 */

import { ByteBuilder } from "../bytes/builder.ts";
import { JsonWriter } from "../text/json_writer.ts";
import { writeBytes } from "./record_line.ts";

/** Where the lists are. Other programs write none. */
export const EXTRA_FOLDER = "_extra/";

/** The path of an adapter's list. */
export function extraFile(adapter: string): string {
  return `${EXTRA_FOLDER}${adapter}.jsonl`;
}

/** Begins a line, up to its value. The caller writes the value, and ends the object and the line. */
export function beginExtra(scope: Uint8Array, type: string): JsonWriter {
  const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
  writeBytes(json.beginObject().name("scope"), scope);
  return json.name("type").string(type).name("value");
}
