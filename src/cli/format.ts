/** Numbers, sizes and tables for people. @module */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number with a comma between thousands. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number and what it counts: `1 row`, `2 rows`. */
export function counted(n: number, one: string, many: string = one + "s"): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/**
 * Bytes in the largest unit of which there is at least one, with three digits or so.
 *
 * @param fraction Digits behind the point at most.
 */
export function size(bytes: number, fraction = 2): string {
  let unit = 0;
  for (; bytes >= 1024 && unit < UNITS.length - 1; unit++) bytes /= 1024;
  const digits = unit === 0 || bytes >= 100 ? 0 : bytes >= 10 ? 1 : 2;
  return `${bytes.toFixed(Math.min(digits, fraction))} ${UNITS[unit]}`;
}

/** Seconds as `m:ss` or `h:mm:ss`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/**
 * Rows in columns that are two spaces apart, a line each.
 *
 * @param right Which columns are aligned to the right.
 */
export function table(rows: readonly (readonly string[])[], right: readonly boolean[]): string {
  const widths = right.map((_, i) =>
    rows.reduce((most, row) => Math.max(most, width(row[i] ?? "")), 0)
  );
  const lines = rows.map((row) =>
    row.map((cell, i) => {
      const space = " ".repeat(widths[i] - width(cell));
      return right[i] ? space + cell : cell + space;
    }).join("  ").trimEnd()
  );
  return lines.map((line) => line + "\n").join("");
}

/** Text in lines of at most `width` characters; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** A text of at most `most` characters: of a longer one the middle is left out. */
export function cutMiddle(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = (most - 1) >> 1;
  return characters.slice(0, most - 1 - end).join("") + "…" +
    characters.slice(characters.length - end).join("");
}

/** Characters; those of two columns are taken for one. */
export function width(text: string): number {
  return [...text].length;
}
