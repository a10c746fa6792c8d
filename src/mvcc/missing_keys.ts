/** What is said where data keys are needed that are not there. @module */

import { type Place, UnsupportedError } from "../errors.ts";
import type { Survey } from "./survey.ts";

/** Ids of data keys that a message names. */
const SHOWN_IDS = 20;

/** Keys are needed and there are none. */
export function noKeys(message: string, place: Place = {}): UnsupportedError {
  return new UnsupportedError("encrypted", message, {
    ...place,
    hint: "give the node's key file and its key-encryption key",
    option: "keys",
  });
}

/** The key file has none of the keys that are needed: it is another cluster's. */
export function noneOfTheKeys(ids: ReadonlySet<number>): UnsupportedError {
  const which = ids.size === 1 ? "key" : "keys";
  return noKeys(
    `values are encrypted with ${which} ${idsText(ids)}, which the key file has none of`,
  );
}

/** How many live rows are encrypted, and with which keys. */
export function describeEncrypted({ keyIds, totals }: Survey): string {
  let rows = 0;
  for (const n of keyIds.values()) rows += n;
  const undecided = totals.reduce((n, { undecided }) => n + undecided, 0);
  const say = undecided === 1 ? "says that it has" : "say that they have";
  const expired = undecided === 0
    ? ""
    : `; ${undecided} of them ${say} expired, which only the keys can prove`;
  const are = rows === 1 ? "row is" : "rows are";
  const which = keyIds.size === 1 ? "key" : "keys";
  return `${rows} live ${are} encrypted, with ${which} ${idsText(keyIds.keys())}${expired}`;
}

function idsText(keyIds: Iterable<number>): string {
  const ids = [...keyIds].sort((a, b) => a - b);
  return ids.slice(0, SHOWN_IDS).join(", ") + (ids.length > SHOWN_IDS ? ", …" : "");
}
