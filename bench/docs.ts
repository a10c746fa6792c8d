/**
 * Writes the tables of docs/performance.md from the committed results, each between two marks:
 *
 *     <!-- bench: NAME --> … <!-- bench end -->
 *
 *     deno task bench:docs
 *
 * @module
 */

import { readResults, type Result, type Results } from "./results.ts";

const RESULTS = new URL("results/", import.meta.url);
const PAGE = new URL("../docs/performance.md", import.meta.url);

/** Rows of texts, the first one of headings. */
export type Table = string[][];

/** A page whose tables are made anew; everything else stays. */
export function withTables(page: string, tables: Record<string, Table>): string {
  return page.replaceAll(
    /(<!-- bench: (.+?) -->\n)[^]*?(<!-- bench end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const table = tables[name];
      if (!table) throw new Error(`there is no table of ${name}`);
      return `${begin}\n${markdown(table)}\n${end}`;
    },
  );
}

/** All tables, from the committed results. */
export function allTables(): Record<string, Table> {
  const main = readResults(new URL("main.json", RESULTS));
  const growth = readResults(new URL("growth.json", RESULTS));
  const memory = readResults(new URL("memory.json", RESULTS));
  return {
    commands: commands(main),
    scoped: scoped(main),
    stages: stages(main),
    lookups: lookups(main),
    encryption: encryption(main),
    growth: sizes(growth),
    memory: sizes(memory),
  };
}

/** Whole commands beside their yardsticks, in seconds. */
function commands({ inputs, results }: Results): Table {
  const names = ["sha256sum", "md5sum", "tar xf", "cp -r"];
  const rows = inputs.flatMap(({ kind, bytes, things }) => {
    const decode = find(results, kind, "decode");
    if (!decode) return [];
    const seconds = (name: string): string => fixed(find(results, kind, name)?.seconds, 2);
    return [[
      kind,
      String(Math.round(bytes / 2 ** 20)),
      grouped(things),
      seconds("decode"),
      fixed(decode.cpu_seconds, 2),
      String(decode.peak_mib),
      ...["decode --format records", "decode --format tar", "inspect", ...names].map(seconds),
      ratio(decode, find(results, kind, "tar xf")),
      ratio(decode, find(results, kind, "sha256sum")),
    ]];
  });
  return [[
    "content",
    "MiB",
    "things",
    "decode",
    "its CPU",
    "peak, MiB",
    "records",
    "tar",
    "inspect",
    ...names,
    "decode / tar xf",
    "decode / sha256sum",
  ], ...rows];
}

/** The same files decoded with everything allowed, and with just what is needed. */
function scoped({ inputs, results }: Results): Table {
  const rows = inputs.flatMap(({ kind }) => {
    const all = find(results, kind, "decode");
    const own = find(results, kind, "decode, scoped permissions");
    return all && own
      ? [[kind, fixed(all.seconds, 2), fixed(own.seconds, 2), ratio(own, all)]]
      : [];
  });
  return [["content", "everything allowed, s", "scoped, s", "ratio"], ...rows];
}

const SPEEDS = ["open", "scan", "transcode", "transcode in TypeScript", "write to nothing"];

/** MiB of the input a second of processor time. */
function stages({ inputs, results }: Results): Table {
  const rows = inputs.map(({ kind, bytes }) => [
    kind,
    ...SPEEDS.map((name) => {
      const cpu = find(results, kind, name)?.cpu_seconds;
      return cpu === undefined ? "–" : grouped(bytes / 2 ** 20 / cpu);
    }),
  ]);
  return [["content", ...SPEEDS], ...rows];
}

const QUESTIONS = ["get in order", "get anywhere", "ranges"];

/** Microseconds of processor time and bytes read for each question. */
function lookups({ inputs, results }: Results): Table {
  const rows = inputs.flatMap(({ kind }) => {
    const cells = QUESTIONS.flatMap((name) => {
      const found = find(results, kind, name);
      if (!found?.rows) return ["–", "–"];
      const { rows, cpu_seconds, bytes_read } = found;
      const questions = Math.min(rows, 10_000);
      return [fixed(cpu_seconds / questions * 1e6, 0), grouped(bytes_read! / questions)];
    });
    return [[kind, ...cells]];
  });
  return [["content", ...QUESTIONS.flatMap((name) => [`${name}, µs`, "bytes read"])], ...rows];
}

/** Microseconds of processor time a row, with keys and without. */
function encryption({ inputs, results }: Results): Table {
  const rows = SPEEDS.map((name) => [
    name,
    ...["clear", "encrypted"].map((kind) => {
      const input = inputs.find((input) => input.kind === kind);
      const cpu = find(results, kind, name)?.cpu_seconds;
      return input && cpu !== undefined ? fixed(cpu / input.entries * 1e6, 1) : "–";
    }),
  ]);
  return [["microseconds of processor time a row", "clear", "encrypted"], ...rows];
}

/** One command on files of several sizes. */
function sizes({ inputs, results }: Results): Table {
  const rows = results.map(({ kind, bytes, seconds, cpu_seconds, peak_mib }, i) => [
    kind,
    grouped(bytes / 2 ** 20),
    grouped(inputs[i].entries),
    String(peak_mib),
    fixed(seconds / bytes * 1e9, 2),
    fixed(cpu_seconds / bytes * 1e9, 2),
  ]);
  return [["content", "MiB", "rows", "peak, MiB", "ns a byte", "CPU ns a byte"], ...rows];
}

function find(results: readonly Result[], kind: string, name: string): Result | undefined {
  return results.find((result) => result.kind === kind && result.case === name);
}

function ratio(a: Result, b: Result | undefined): string {
  return b ? fixed(a.seconds / b.seconds, 2) : "–";
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? "–" : value.toFixed(digits);
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** In columns of one width, as the formatter has them; numbers could as well be on the right. */
function markdown(table: Table): string {
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  const [head, ...rows] = table;
  return line(head) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, withTables(Deno.readTextFileSync(PAGE), allTables()));
}
