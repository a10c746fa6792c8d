/** What verifying finds. @module */

/** What is wrong with a file of a dump. */
export type FaultKind =
  /** It should be there and is not. */
  | "missing"
  /** It is there and should not be. */
  | "extra"
  /** It is a symlink, a pipe or a device; it was not opened. */
  | "special"
  /** It has other bytes than it should. */
  | "changed"
  /** It does not have the length that is written down for it. */
  | "size"
  /** It says something about the dump that is not so. */
  | "untrue";

/** Something that is not as it should be. */
export interface Fault {
  /** What is wrong. */
  kind: FaultKind;
  /** The file, relative to the dump's folder. It may be any text: escape it before it is shown. */
  path: string;
  /** What was found and what should be there, where the kind alone does not say it. */
  detail?: string;
}

/** Faults that are kept; further ones are only counted. */
export const MAX_FAULTS = 10_000;

/** The first faults, and how many there are. */
export class FaultList {
  /** The first {@link MAX_FAULTS}, in the order of finding. */
  readonly list: Fault[] = [];
  /** All of them. */
  count = 0;

  /** Adds a fault. */
  add(kind: FaultKind, path: string, detail?: string): void {
    this.count++;
    if (this.list.length < MAX_FAULTS) this.list.push({ kind, path, detail });
  }
}
