/**
 * The paths of keys' files, by the rule of the dump: the key as a segment, in a folder for each type.
 *
 * ```text
 * redis/db_0/strings/<segment>.bin
 * ```
 *
 * @module
 */

import type { ByteBuilder } from "../../bytes/builder.ts";
import { namesAt } from "../../tree/segment_prefix.ts";
import type { RedisType } from "./types.ts";

/** Where all files are. */
export const ROOT = "redis/db_0/";

const FOLDERS: { readonly [type in RedisType]: readonly [folder: string, suffix: string] } = {
  string: ["strings", ".bin"],
  hll: ["hll", ".bin"],
  hash: ["hashes", ".json"],
  list: ["lists", ".json"],
  set: ["sets", ".json"],
  zset: ["zsets", ".json"],
  stream: ["streams", ".jsonl"],
};

/** The folder of a type. */
export function folderOf(type: RedisType): string {
  return ROOT + FOLDERS[type][0];
}

/** The path of a key's file. */
export function pathOf(type: RedisType, segment: string): string {
  return `${folderOf(type)}/${segment}${FOLDERS[type][1]}`;
}

/** What the keys begin with whose paths begin alike below the folder of the database. */
export function keysAt(path: string): Uint8Array {
  const [folder, segment] = path.split("/");
  const own = Object.values(FOLDERS).find(([name]) => name === folder);
  return own && segment !== undefined ? namesAt(segment, [own[1]]) : new Uint8Array(0);
}

/** Appends the line of the sidecar that says when a key expires. */
export function appendExpiryLine(out: ByteBuilder, segment: string, expireAtMs: bigint): void {
  // The characters of segments need no escapes.
  out.ascii(`{"key":"${segment}","expire_at_ms":${expireAtMs}}\n`);
}
