/** What is said where nothing was found. @module */

import { type DecantError, NothingSelectedError } from "../errors.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";

/**
 * The error where nothing was found. Of a damaged snapshot nobody knows what was in it: then it is the
 * damage.
 *
 * @param hint What comes near.
 */
export function nothingFound(
  { problems }: Pick<Snapshot["info"], "problems">,
  message: string,
  hint: string,
): DecantError {
  return problems[0] ?? new NothingSelectedError(message, { hint });
}
