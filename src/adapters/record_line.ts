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

/** Writes bytes as a string if they are UTF-8, else as `{"base64":"…"}` in the URL alphabet. */
export function writeBytes(json: JsonWriter, bytes: Uint8Array): void {
  if (isUtf8(bytes)) json.stringBytes(bytes);
  else json.beginObject().name("base64").base64(URL_SAFE, bytes).endObject();
}

/** The same for bytes of any length. */
export function* writeLongBytes(json: JsonWriter, bytes: Uint8Array): Pieces {
  if (isUtf8(bytes)) return yield* json.text(bytes);
  json.beginObject().name("base64");
  yield* json.longBase64(URL_SAFE, bytes, 0, bytes.length);
  json.endObject();
}
