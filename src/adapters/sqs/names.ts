/** The folders of queues: names alone decide what they are called. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { appendName } from "../../keyspace/base64_names.ts";
import { clashSuffix, encodeSegment } from "../../tree/segment.ts";

/** What the folder of messages without a queue ends with; no server makes queues that are called so. */
const ORPHAN = ".orphan";

/** The folder of a queue. */
export function queueFolder(name: Uint8Array): string {
  return encodeSegment(name);
}

/** The folder of what belongs to a queue that is not there: its name in base64, as in keys. */
export function orphanFolder(name: Uint8Array): string {
  const out = new ByteBuilder();
  appendName(out, name);
  return encodeSegment(out.ascii(ORPHAN).view());
}

/** What the folder is called where another one has that name. */
export function otherFolder(folder: string, name: Uint8Array): string {
  return folder + clashSuffix(name);
}
