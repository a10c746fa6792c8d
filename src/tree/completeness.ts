/** What a dump, a stream and a report say of their own completeness, in the same members. @module */

import {
  bool,
  count,
  list,
  type Members,
  object,
  optional,
  required,
  text,
} from "../text/json_shape.ts";

/** Whether everything is there, and if it is not, what is missing. */
export interface Completeness {
  /** Whether everything that was asked for is there: nothing was unsound, and nothing lost. */
  complete?: boolean;
  /** What a client could read, and is not there. */
  losses?: NamedLoss[];
  /** Kinds of losses that whoever made it knew of and accepted. */
  accepted?: string[];
  /** What the snapshot files do not prove: `groups`, that they are of all; `checksum`, that they are whole; `keys`, that encrypted versions are genuine; `commits`, that nothing was committed up to a later moment. */
  assumed?: string[];
}

/** Losses of one kind. */
export interface NamedLoss {
  /** What was lost. */
  kind: string;
  /** How many rows, groups or files; absent where nobody can know. */
  count?: number;
}

/** The members, in their order. */
export const completeness: Members<Completeness> = {
  complete: optional(bool),
  losses: optional(list(object<NamedLoss>({ kind: required(text), count: optional(count) }))),
  accepted: optional(list(text)),
  assumed: optional(list(text)),
};

/** Whether something is missing that nobody has accepted. */
export function hasUnacceptedLoss({ complete, losses, accepted }: Completeness): boolean {
  if (complete !== false) return false;
  return !losses || losses.length === 0 || losses.some(({ kind }) => !accepted?.includes(kind));
}
