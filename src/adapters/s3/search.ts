/** Looks through objects. @module */

import { UnsoundError } from "../../errors.ts";
import { type Finder, PieceFinder } from "../../text/finder.ts";
import { nameText } from "../../text/name_text.ts";
import type { AdapterContext } from "../context.ts";
import { findIn, type Found } from "../search.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { type ObjectRecord, records } from "./records.ts";
import { metadataOf } from "./values.ts";

/** Finds objects by their key, their headers and their body, which is gone through piece by piece. */
export async function* searchRecords(
  context: AdapterContext,
  selection: RecordSelection,
  finder: Finder,
): AsyncGenerator<Found> {
  for await (const record of records(context, selection)) {
    if (record.type === "objects") {
      for (const object of record.objects) yield* searchObject(object, finder);
    } else if (record.type === "object") yield* searchObject(record, finder);
    else record.receipt.written();
  }
}

async function* searchObject(object: ObjectRecord, finder: Finder): AsyncGenerator<Found> {
  const { bucket, key, headers, body, receipt } = object;
  const owner = { scope: bucket, type: "object", key: nameText(key) };
  const parts: [part: string, bytes: Uint8Array][] = [
    ["key", key],
    ["etag", headers.etag],
    ["content_type", headers.contentType],
    ["content_encoding", headers.contentEncoding],
    ["cache_control", headers.cacheControl],
    ["content_disposition", headers.contentDisposition],
  ];
  for (const [part, bytes] of parts) {
    const found = findIn(finder, bytes);
    if (found) yield { ...found, ...owner, part };
  }
  for (const [name, value] of metadataOf(headers)) {
    const text = nameText(name);
    const [inName, inValue] = [findIn(finder, name), findIn(finder, value)];
    if (inName) yield { ...inName, ...owner, part: `name of user_metadata.${text}` };
    if (inValue) yield { ...inValue, ...owner, part: `user_metadata.${text}` };
  }
  const pieces = new PieceFinder(finder);
  try {
    for await (const bytes of body) pieces.add(bytes);
  } catch (error) {
    if (!(error instanceof UnsoundError)) throw error;
    return receipt.refuse(error);
  }
  const found = pieces.end();
  if (found) yield { ...found, ...owner, part: "body" };
  receipt.written();
}
