/** The moments at which a snapshot can be read, and how they are given. @module */

import { MAX_U64 } from "../bytes/integers.ts";
import { UsageError } from "../errors.ts";
import { rfc3339FromHlc, rfc3339FromMs } from "../text/rfc3339.ts";

/**
 * A moment to read at:
 * - a commit timestamp, Unix milliseconds << 16 | counter;
 * - a Unix millisecond, with all of its commits;
 * - so many milliseconds before the last commit of the snapshot.
 */
export type ReadMoment = bigint | { unixMs: bigint } | { beforeLastMs: bigint };

/** From when to when a snapshot can be read. Both ends belong to it. */
export interface Readable {
  /** The first version, or the latest removal of old versions if that is later. */
  from: bigint;
  /** The last commit. */
  to: bigint;
}

const COUNTER_BITS = 16n;
/** One millisecond may have many commits: asked for as a time of day, it means all of them. */
const WHOLE_MILLISECOND = (1n << COUNTER_BITS) - 1n;
/** A number whose time lies further from all commits is of another unit. */
const TEN_YEARS_MS = 10n * 366n * 86_400_000n;
/** The last that RFC 3339 can say. */
const LAST_MS = 253_402_300_799_999n;

/** Milliseconds of the units in which programs count since 1970. */
const UNITS: readonly [string, (n: bigint) => bigint][] = [
  ["seconds", (n) => n * 1000n],
  ["milliseconds", (n) => n],
  ["microseconds", (n) => n / 1000n],
  ["nanoseconds", (n) => n / 1_000_000n],
];

/** A timestamp as a moment that has no other meaning, such as one that a manifest names. */
export function momentOf(ts: bigint): ReadMoment {
  const isWhole = (ts & WHOLE_MILLISECOND) === WHOLE_MILLISECOND;
  return isWhole ? { unixMs: ts >> COUNTER_BITS } : ts;
}

/**
 * The timestamp up to which commits are read.
 *
 * @param last The last commit; 0 = none.
 * @throws {UsageError} when it would lie before 1970.
 */
export function timestampOf(moment: ReadMoment, last: bigint): bigint {
  if (typeof moment === "bigint") return moment;
  if ("unixMs" in moment) return (moment.unixMs << COUNTER_BITS) | WHOLE_MILLISECOND;
  const ts = last - (moment.beforeLastMs << COUNTER_BITS);
  if (ts >= 0n) return ts;
  throw new UsageError(`so long before the last commit, ${shown(last)}, there was nothing`, {
    hint: "inspect says from when to when a snapshot can be read",
  });
}

/**
 * The same, while the last commit is only what headers say; `undefined` when it would lie before 1970.
 */
function guessedTimestamp(moment: ReadMoment, last: bigint): bigint | undefined {
  if (typeof moment === "bigint" || "unixMs" in moment) return timestampOf(moment, last);
  return last >> COUNTER_BITS < moment.beforeLastMs ? undefined : timestampOf(moment, last);
}

/** The moment to read at, absent for the newest state, and the time that expiry is compared with. */
export interface GuessedTimes {
  at?: bigint;
  now: bigint;
}

/** The same, for a first count of rows; without a commit nothing has expired. */
export function guessedTimes(moment: ReadMoment | undefined, last: bigint): GuessedTimes {
  const at = moment && guessedTimestamp(moment, last);
  return { at, now: at ?? (last || MAX_U64) };
}

/** Whether nothing is known of a moment, because the snapshot ends before it. */
export function isBehind(at: bigint, { to }: Readable): boolean {
  return at > (to | WHOLE_MILLISECOND);
}

/**
 * Refuses a moment of which the snapshot does not have the state. One behind the last commit has: as
 * far as anybody knows, nothing was committed until then.
 *
 * @param retained The latest removal of old versions; 0 = none.
 * @throws {UsageError} with the moments that can be read.
 */
export function checkReadable(
  moment: ReadMoment,
  at: bigint,
  readable: Readable,
  retained: bigint,
): void {
  const { from, to } = readable;
  const range = `from ${shown(from)} to ${shown(to)}, both included`;
  if (typeof moment === "bigint" && isOfAnotherUnit(moment, readable)) {
    throw new UsageError(
      `${moment} cannot be a commit timestamp of this snapshot: it would be of ` +
        timeText(moment >> COUNTER_BITS),
      {
        hint: `${meanings(moment)}: a time is given by RFC 3339. What can be read is ${range}`,
      },
    );
  }
  if (at >= from) return;
  throw new UsageError(
    retained >= from
      ? `the state of ${shown(at)} is gone: older versions were removed up to ${shown(retained)}`
      : `at ${shown(at)} there was nothing yet: the first version is of ${shown(from)}`,
    { hint: `choose a moment ${range}` },
  );
}

function isOfAnotherUnit(ts: bigint, { from, to }: Readable): boolean {
  const ms = ts >> COUNTER_BITS;
  return ms + TEN_YEARS_MS < from >> COUNTER_BITS || ms > (to >> COUNTER_BITS) + TEN_YEARS_MS;
}

/** What a number means in each unit that gives a time before the year 10000. */
function meanings(n: bigint): string {
  const known = UNITS.filter(([, ms]) => ms(n) <= LAST_MS)
    .map(([unit, ms], i) =>
      `in ${i === 0 ? "Unix " : ""}${unit} ${i === 0 ? "it is " : ""}${timeText(ms(n))}`
    );
  return known.length === 0 ? "in no unit it is a time before the year 10000" : known.join(", ");
}

function timeText(unixMs: bigint): string {
  return unixMs > LAST_MS ? "a time after the year 9999" : rfc3339FromMs(unixMs);
}

function shown(ts: bigint): string {
  return `${ts} (${rfc3339FromHlc(ts)})`;
}
