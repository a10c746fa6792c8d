/** Finds the records that contain something. @module */

import type { AdapterName } from "../keyspace/families.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { UsageError } from "../errors.ts";
import { MemoryScratch, type Scratch } from "../sources/scratch.ts";
import { BytesFinder, type Finder, TextFinder } from "../text/finder.ts";
import { nameText } from "../text/name_text.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import { checkSelected, lookingContext, type LookOptions } from "./looking.ts";
import { Selection } from "./selection.ts";

/** What is looked for: a text, bytes, or what a regular expression matches. */
export type Wanted = string | Uint8Array | RegExp;

/** A part of a record that has what was looked for, at its first place there. */
export interface SearchMatch {
  /** Whose record it is. */
  adapter: AdapterName;
  /** Name of the table, bucket, database or queue. */
  scope: string;
  /** `item`, `object`, `message`, or the type of a Redis key. */
  type: string;
  /**
   * The record's key: of an item its key attributes, escaped as in paths and numbers by their digits; else
   * as text, or as `b64:` and base64.
   */
  key: string;
  /**
   * Which part of it: `key`, `body`; an attribute of an item, as `address.city` or `tags[2]`; a field,
   * `[7]` in a list, `member`, an entry of a stream and its field; a header, an attribute of a message.
   * `name of …` is the name of such a part.
   */
  part: string;
  /** Where in the part it begins, in bytes. */
  offset: number;
  /** How many bytes it has. */
  length: number;
  /** It, or the beginning of it, with up to 40 bytes on either side. */
  around: Uint8Array;
}

/**
 * Goes through all records that clients see and finds those whose key or value contains something. Values
 * are decoded: bytes in base64 are searched as bytes. Bodies and long values are searched piece by piece,
 * with what lies across their borders. There, a regular expression finds matches of up to 64 KiB.
 *
 * @throws {UsageError} when nothing is looked for.
 * @throws {NothingSelectedError} when it is looked for in nothing.
 * @throws {UnsoundError} at the first row that is malformed, unless `onProblem` takes it.
 */
export async function* search(
  snapshot: Snapshot,
  wanted: Wanted,
  options: LookOptions = {},
  scratch: Scratch = new MemoryScratch(),
): AsyncGenerator<SearchMatch> {
  const finder = finderOf(wanted);
  const selection = new Selection(options, snapshot.info.totals);
  const context = await lookingContext(snapshot, scratch, options);
  for (const { name, searchRecords } of selection.adapters) {
    for await (const found of searchRecords(context, selection.of(name), finder)) {
      const { scope, type, key, part, start, end, around } = found;
      yield {
        adapter: name,
        scope: nameText(scope),
        type,
        key,
        part,
        offset: start,
        length: end - start,
        around,
      };
    }
  }
  checkSelected(selection, options, snapshot.info);
}

function finderOf(wanted: Wanted): Finder {
  if (wanted instanceof RegExp) {
    return new TextFinder(new RegExp(wanted.source, `${wanted.flags.replace(/[gy]/g, "")}g`));
  }
  const bytes = typeof wanted === "string" ? encodeUtf8(wanted) : wanted;
  if (bytes.length > 0) return new BytesFinder(bytes);
  throw new UsageError("nothing is looked for: the text is empty");
}
