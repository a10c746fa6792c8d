/** What a client could read, or may have been able to read, and the result does not have. @module */

import { type Accepted, type Ledger, type LossKind, lossOf, REASONS } from "../adapters/ledger.ts";
import type { Fate } from "../adapters/ledger.ts";
import { type KeyExample, MAX_EXAMPLES } from "../mvcc/examples.ts";
import { isBehind } from "../mvcc/moments.ts";
import type { InputInfo, SnapshotInfo } from "../mvcc/snapshot.ts";

/** One of what was lost: a row by its key, a group of the cluster, or a file. */
export type Example = KeyExample | { group: bigint } | { file: string };

/** Losses of one kind. */
export interface Loss {
  /** What was lost. */
  kind: LossKind;
  /** Rows, groups or files; absent where nobody can know how many. */
  count?: number;
  /** Whether the caller has said that it is known. The result is not complete all the same. */
  accepted: boolean;
  /** The first few; of what Redis cannot be given, the names of the Redis keys. */
  examples: Example[];
}

/** Facts that the files do not prove and nothing speaks against. */
export type Assumption =
  /** No file has the cluster's routes: what was given is taken for all of it. */
  | "groups"
  /** A file has no checksum and no header: it may have been changed, or cut between two entries. */
  | "checksum"
  /** There are encrypted versions and no keys: their times, and what they hide, may be forged. */
  | "keys"
  /** The last commit lies before the moment that is read: none is taken to have come between. */
  | "commits";

/**
 * All losses: those of the whole first, then those of rows.
 *
 * @param isDamaged Whether something is wrong: then it took something with it, be it no row that was
 *   counted, as where a file ends too early.
 */
export function lossesOf(
  { groups, inputs }: SnapshotInfo,
  ledger: Ledger,
  accept: readonly Accepted[],
  isDamaged: boolean,
): Loss[] {
  const losses: Loss[] = [];
  const add = (kind: LossKind, count: number | undefined, examples: Example[]): void => {
    const accepted = (accept as readonly LossKind[]).includes(kind);
    losses.push({ kind, count, accepted, examples: examples.slice(0, MAX_EXAMPLES) });
  };
  const { missing, unknown } = groups;
  if (unknown || missing.length > 0) {
    add("groups", unknown ? undefined : missing.length, missing.map((group) => ({ group })));
  }
  const cut = inputs.filter(hasLostItsChecksum);
  if (cut.length > 0) add("checksum", cut.length, cut.map(({ name }) => ({ file: name })));
  for (const fate of Object.keys(REASONS) as Fate[]) {
    const kind = lossOf(fate);
    const count = ledger.count(fate);
    if (!kind || count === 0) continue;
    add(kind, count, [...ledger.examples(fate)]);
  }
  if (isDamaged && !losses.some(({ kind }) => kind === "unsound")) add("unsound", undefined, []);
  return losses;
}

/** What nobody could prove. */
export function assumptionsOf(
  { at, groups, inputs, encrypted, readable }: SnapshotInfo,
): Assumption[] {
  const assumptions: Assumption[] = [];
  if (groups.known.length === 0 && !groups.unknown) assumptions.push("groups");
  if (inputs.some(({ file }) => file.header.version === 0 && file.footer === "absent")) {
    assumptions.push("checksum");
  }
  if (encrypted.versions > 0 && !encrypted.authenticated) assumptions.push("keys");
  if (at !== undefined && isBehind(at, readable)) assumptions.push("commits");
  return assumptions;
}

/** A node's own files have a checksum; without one, nobody knows whether the end is there. */
function hasLostItsChecksum({ file, newer }: InputInfo): boolean {
  return newer === undefined && file.header.version > 0 && file.footer === "absent";
}
