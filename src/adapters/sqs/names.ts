/** Folders of what belongs to no queue that is there. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { appendName } from "../../keyspace/base64_names.ts";
import type { FileNames } from "../../tree/file_names.ts";

/** What the folder of messages without a queue ends with; no server makes queues that are called so. */
const ORPHAN = ".orphan";

/** The folder of what belongs to a queue that is not there: its name in base64, as in keys. */
export function orphanFolder(names: FileNames, name: Uint8Array): string {
  const out = new ByteBuilder();
  appendName(out, name);
  return names.lone(out.ascii(ORPHAN).view());
}
