/** Names of folders and files of queues. @module */

import { ByteBuilder } from "../../bytes/builder.ts";
import { appendName } from "../../keyspace/base64_names.ts";
import { FileNames } from "../../tree/file_names.ts";

/** What the folder of messages without a queue ends with; no server makes queues that are called so. */
const ORPHAN = ".orphan";

/** The file of a queue's messages, by the plain rule. */
export function messagesPath(name: Uint8Array, isThere: boolean): string {
  return `sqs/${isThere ? PLAIN.component(name) : orphanFolder(PLAIN, name)}/${MESSAGES_FILE}`;
}

/** What the file of messages is called. */
export const MESSAGES_FILE = "messages.jsonl";

const PLAIN = new FileNames(false);

/** The folder of what belongs to a queue that is not there: its name in base64, as in keys. */
export function orphanFolder(names: FileNames, name: Uint8Array): string {
  const out = new ByteBuilder();
  appendName(out, name);
  return names.lone(out.ascii(ORPHAN).view());
}
