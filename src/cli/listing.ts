/**
 * Results that are lists: a table for people, a JSON object a line for programs, or CSV. Only these go to
 * standard output.
 *
 * @module
 */

import type { FlagParametersForType } from "@stricli/core";
import { printable } from "../text/printable.ts";
import { table } from "./format.ts";
import { escapeHidden } from "./json.ts";
import type { CliContext } from "./shell.ts";

/** Options of commands whose result is a list. */
export interface ListFlags {
  json: boolean;
  format: "table" | "json" | "csv";
}

/** `--json` and `--format`. */
export const listFlags: FlagParametersForType<ListFlags, CliContext> = {
  json: {
    kind: "boolean",
    withNegated: false,
    brief: "The same as --format json",
  },
  format: {
    kind: "enum",
    values: ["table", "json", "csv"],
    default: "table",
    placeholder: "HOW",
    brief: "table, for people; json: a JSON object a line, in which names are as they are; csv: " +
      "the same in columns, with a line of their names first",
  },
};

/** A column of a list. */
export interface Column<Row> {
  /** Its name in JSON and CSV. */
  readonly name: string;
  /** What stands over it in a table; its name unless given. */
  readonly title?: string;
  /** Whether it is aligned to the right. */
  readonly right?: boolean;
  /** What a program is given; absent where there is nothing. */
  value(row: Row): string | number | undefined;
  /** What people are shown; the value unless given. */
  text?(row: Row): string;
}

/** Characters of a cell of a table. */
const MAX_CELL = 200;

/** A list in the form that was asked for; nothing for a table without rows. */
export function listText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { json, format }: ListFlags,
): string {
  if (json || format === "json") return rows.map((row) => jsonLine(columns, row)).join("");
  if (format === "csv") return csvLine(columns.map(({ name }) => name)) + csvRows(columns, rows);
  if (rows.length === 0) return "";
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row)));
  return table(
    [columns.map(({ name, title }) => title ?? name), ...cells],
    columns.map(({ right }) => right ?? false),
  );
}

/** Prints a list row by row, as they come. People get lines of their own. */
export class RowPrinter<Row> {
  readonly #print: (text: string) => void;
  readonly #textOf: (row: Row) => string;

  /** @param lineOf What people get of a row, where it is not a table of its columns. */
  constructor(
    print: (text: string) => void,
    columns: readonly Column<Row>[],
    { json, format }: ListFlags,
    lineOf: (row: Row) => string,
  ) {
    this.#print = print;
    if (json || format === "json") this.#textOf = (row) => jsonLine(columns, row);
    else if (format === "csv") {
      this.#textOf = (row) => csvRows(columns, [row]);
      print(csvLine(columns.map(({ name }) => name)));
    } else this.#textOf = (row) => lineOf(row) + "\n";
  }

  /** Prints a row. */
  add(row: Row): void {
    this.#print(this.#textOf(row));
  }
}

function jsonLine<Row>(columns: readonly Column<Row>[], row: Row): string {
  const members = columns.map((column) => [column.name, column.value(row)]);
  return escapeHidden(JSON.stringify(Object.fromEntries(members))) + "\n";
}

function csvRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) =>
    csvLine(columns.map((column) => printable(String(column.value(row) ?? ""), Infinity)))
  ).join("");
}

/** RFC 4180, but for the line feed. */
function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  );
  return quoted.join(",") + "\n";
}

function cellOf<Row>(column: Column<Row>, row: Row): string {
  const text = column.text ? column.text(row) : String(column.value(row) ?? "");
  return printable(text, MAX_CELL);
}
