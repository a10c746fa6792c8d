/** What of a snapshot is meant: the options that all commands have which go through records. @module */

import type { AdapterName } from "../keyspace/families.ts";

/**
 * What is selected. What is given narrows the rest: a record must be meant by every member.
 *
 * Paths are those that `decode` writes into a folder that keeps every name, one file a record; `list` gives
 * them. Patterns are those of shells: `*` and `?` within a name, `**` across names, `[…]`; one that is a
 * folder means everything in it. A file that holds parts of many records, such as `KEYMAP.jsonl`, is
 * written with them and is not selected by its own path.
 */
export interface SelectOptions {
  /** The adapters; all four, or those that `scopes` names. */
  adapters?: readonly AdapterName[];
  /**
   * Names of tables, buckets, databases or queues, by adapter, as reports write them, or patterns of such
   * names; all.
   */
  scopes?: { readonly [adapter in AdapterName]?: readonly string[] };
  /** Only what one of these patterns of paths matches; everything. */
  only?: readonly string[];
  /** Nothing of what one of these patterns matches; nothing is left out. */
  exclude?: readonly string[];
  /** Only what has one of these paths; about 150 bytes of memory each. */
  paths?: readonly string[];
  /**
   * Only items, objects and keys of Redis whose key begins with this, as text or bytes. An item's key is
   * its hash attribute, and behind a `/` its range attribute: texts and binary as they are, numbers by
   * their shortest digits. Messages have no keys, so queues are left out.
   */
  keyPrefix?: string | Uint8Array;
  /** Only those whose key, as text, matches this regular expression somewhere. */
  keyRegex?: string;
  /** Whether it is well that nothing is selected; `false`. */
  allowEmpty?: boolean;
}
