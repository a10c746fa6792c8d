/**
 * Which keys decide the names of some objects by the plain rule. They are those that begin with what the
 * keys of these objects have in common, and a little less of it, where its end may be that of a name that
 * is renamed, or of a file with headers: `a.elas` may be the beginning of what `a` is renamed to.
 *
 * @module
 */

import { startsWith } from "../../bytes/compare.ts";
import { prefixRange } from "../../mvcc/key_range.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import { RENAME_SUFFIXES, SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import type { Within } from "./keyed_rows.ts";
import { Buckets } from "./scopes.ts";

const SUFFIXES = [SIDECAR_SUFFIX, ...Object.values(RENAME_SUFFIXES)].map(encodeUtf8);

/** Where the rows lie whose keys decide the names of what is selected; all that are wanted unless given. */
export async function decidingRows(
  context: AdapterContext,
  selection: RecordSelection,
): Promise<Within | undefined> {
  const common = commonPrefix(selection);
  const prefix = common?.subarray(0, endOfName(common));
  if (!prefix || prefix.length === 0) return undefined;
  const { from, to } = prefixRange(prefix);
  const buckets = await Buckets.read(context.silent());
  return await buckets.ranges(selection.scopes, from, to);
}

/** What the keys of objects begin with whose paths begin alike below their bucket's folder. */
export function keysAt(path: string): Uint8Array {
  const mayBeHashed = /^[0-9a-f]{0,32}$/.test(path) || /^[0-9a-f]{32}_/.test(path);
  const key = encodeUtf8(mayBeHashed ? "" : path);
  return key.subarray(0, endOfName(key));
}

/** What all selected keys begin with. */
function commonPrefix({ prefix, from, to }: RecordSelection): Uint8Array | undefined {
  if (prefix || !from || !to) return prefix;
  let length = 0;
  while (length < from.length && from[length] === to[length]) length++;
  return from.subarray(0, length);
}

/** Where a suffix may begin that a name gets. */
function endOfName(prefix: Uint8Array): number {
  for (let i = 0; i < prefix.length; i++) {
    const rest = prefix.subarray(i);
    if (SUFFIXES.some((suffix) => startsWith(suffix, rest) || startsWith(rest, suffix))) return i;
  }
  return prefix.length;
}
