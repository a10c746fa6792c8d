/**
 * Moments as RFC 3339 text in UTC, with no more digits of a second than there are: `…:11.094Z`,
 * `…:11.1Z`, `…:11Z`.
 *
 * @module
 */

/** The text of a moment. Years from 10000 on have five digits and no sign. */
export function rfc3339FromMs(unixMs: bigint | number): string {
  const text = new Date(Number(unixMs)).toISOString(); // …:11.094Z
  const point = text.length - 5;
  let end = text.length - 1;
  while (text[end - 1] === "0") end--;
  const moment = text.slice(0, end - 1 === point ? point : end) + "Z";
  return moment.startsWith("+") ? moment.replace(/^\+0*/, "") : moment;
}

/** The text of a hybrid timestamp: unix milliseconds in the upper 48 bits, a counter in the others. */
export function rfc3339FromHlc(ts: bigint): string {
  return rfc3339FromMs(ts >> 16n);
}

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/;

/**
 * Whether text is a moment by RFC 3339 as manifests have it: upper-case `T` and `Z`, a date that
 * exists, no leap second, any number of digits after the point.
 */
export function isRfc3339(text: string): boolean {
  const match = SHAPE.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second, offsetHour, offsetMinute] = match.slice(1)
    .map((digits) => Number(digits ?? 0));
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
    hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60;
}
