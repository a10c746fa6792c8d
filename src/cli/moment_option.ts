/** The value of `--at`. @module */

import { MAX_U64 } from "../bytes/integers.ts";
import { UsageError } from "../errors.ts";
import type { ReadMoment } from "../mvcc/moments.ts";
import { isRfc3339 } from "../text/rfc3339.ts";

const UNIT_MS: { readonly [unit: string]: bigint } = {
  ms: 1n,
  s: 1000n,
  m: 60_000n,
  h: 3_600_000n,
  d: 86_400_000n,
};
const DURATION = /^(-?)((?:[0-9]+(?:ms|s|m|h|d))+)$/;
/** A date, a time of day and a zone, of which parts are missing or written in another way. */
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ]+(\d\d):?(\d\d)?(?::?(\d\d(?:\.\d+)?))?)? ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?)?$/;

const FORMS = "expected a commit timestamp (as inspect prints it), RFC 3339 as in " +
  "2026-05-28T20:26:40Z, or -1h for an hour before the last commit (ms, s, m, h, d)";

/**
 * A moment: a timestamp of the store in decimal digits; RFC 3339, of which all of the millisecond is
 * meant; or so long before the last commit, as in `-1h30m`.
 *
 * @throws {UsageError} that shows the form, and the moment that was probably meant.
 */
export function parseMoment(text: string): ReadMoment {
  if (/^[0-9]+$/.test(text)) {
    const ts = BigInt(text);
    if (ts <= MAX_U64) return ts;
  } else if (isRfc3339(text)) {
    const unixMs = Date.parse(text);
    if (unixMs >= 0) return { unixMs: BigInt(unixMs) };
    throw new UsageError("a time before 1970, and the store counts from there");
  }
  const [, minus, parts] = DURATION.exec(text) ?? [];
  if (minus) return { beforeLastMs: durationMs(parts) };
  if (parts) throw new UsageError(`before the last commit is -${text}`);
  const meant = completed(text);
  throw new UsageError(
    meant === undefined
      ? FORMS
      : `expected RFC 3339, with seconds and a zone: ${meant}, if ${zoneText(meant)} is meant`,
  );
}

function durationMs(parts: string): bigint {
  let sum = 0n;
  for (const [, n, unit] of parts.matchAll(/([0-9]+)([a-z]+)/g)) sum += BigInt(n) * UNIT_MS[unit];
  return sum;
}

/** The time with all its parts, if there is such a time. */
function completed(text: string): string | undefined {
  const [, date, hour = "00", minute = "00", second = "00", zone = "Z"] = TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  const [, sign, hours, minutes = "00"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const offset = sign === undefined ? "Z" : `${sign}${hours}:${minutes}`;
  const meant = `${date}T${hour}:${minute}:${second}${offset}`;
  return isRfc3339(meant) ? meant : undefined;
}

function zoneText(time: string): string {
  return time.endsWith("Z") ? "UTC" : "this";
}
