/** The beginning that all record lines have. @module */

import { URL_SAFE } from "../bytes/base64.ts";
import type { ByteBuilder } from "../bytes/builder.ts";
import { JsonWriter, type Pieces } from "../text/json_writer.ts";
import { isUtf8 } from "../text/utf8.ts";

/**
 * Begins a line: `{"adapter":…,"scope":…,"type":…` without the closing brace. The caller adds members,
 * ends the object and the line.
 */
export function beginRecord(
  out: ByteBuilder,
  adapter: string,
  scope: Uint8Array,
  type: string,
): JsonWriter {
  const json = new JsonWriter(out, { indent: false, html: false });
  json.beginObject().name("adapter").string(adapter).name("scope");
  writeBytes(json, scope);
  return json.name("type").string(type);
}

/** Writes `bytes[start, end)` as a string if they are UTF-8, else as `{"base64":"…"}` in the URL alphabet. */
export function writeBytes(
  json: JsonWriter,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): void {
  if (isUtf8(bytes, start, end)) json.stringBytes(bytes, start, end);
  else json.beginObject().name("base64").base64(URL_SAFE, bytes, start, end).endObject();
}

/** The same for bytes of any length. */
export function* writeLongBytes(
  json: JsonWriter,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): Pieces {
  if (isUtf8(bytes, start, end)) {
    return yield* json.text(bytes.subarray(start, end));
  }
  json.beginObject().name("base64");
  yield* json.longBase64(URL_SAFE, bytes, start, end);
  json.endObject();
}
