/**
 * How far a command is, on standard error: one line that is written over and over on a terminal, a
 * line now and then elsewhere, or JSON lines for a program.
 *
 * @module
 */

import { count, duration, size } from "./format.ts";

/** How progress is shown. */
export type ProgressMode = "auto" | "none" | "json";

/** Where lines go. */
export interface ProgressOutput {
  write(text: string): void;
  /** Characters of a line of the terminal; absent when it is no terminal. */
  columns?: number;
}

/** Milliseconds between two reports. */
const INTERVALS = { terminal: 100, lines: 10_000, json: 1_000 };
/** Goes to the start of the line and clears it. */
const CLEAR = "\r\x1b[K";

/** What is being counted. */
interface Phase {
  name: string;
  unit: "bytes" | "rows";
  started: number;
  done: number;
  /** Absent when nobody knows it before the end. */
  total?: number;
}

/** Shows how far a command is. */
export class Progress {
  /** Bytes written so far, for the rate while rows are decoded. */
  written = 0;
  readonly #output: ProgressOutput;
  readonly #style: keyof typeof INTERVALS | undefined;
  readonly #now: () => number;
  #phase: Phase | undefined;
  #shown: number;
  #lineIsOpen = false;

  /** @param now Milliseconds of a clock that never goes back. */
  constructor(
    mode: ProgressMode,
    output: ProgressOutput,
    now: () => number = () => performance.now(),
  ) {
    this.#output = output;
    this.#now = now;
    this.#shown = now();
    if (mode === "json") this.#style = "json";
    else if (mode === "auto") this.#style = output.columns === undefined ? "lines" : "terminal";
  }

  /** Bytes of a phase that reads. */
  bytes(name: string): (done: number, total?: number) => void {
    return (done, total) => this.#update(name, "bytes", done, total);
  }

  /** Rows of a phase that decodes. */
  rows(name: string): (done: number, total: number) => void {
    return (done, total) => this.#update(name, "rows", done, total);
  }

  /** Makes room for other text. */
  clear(): void {
    if (this.#lineIsOpen) this.#output.write(CLEAR);
    this.#lineIsOpen = false;
  }

  /** Ends the last phase: what it counted is done, whatever was counted. */
  end(): void {
    this.clear();
    const phase = this.#phase;
    this.#phase = undefined;
    if (!phase || this.#style !== "json") return;
    phase.done = phase.total ?? phase.done;
    this.#show(phase);
  }

  #update(name: string, unit: Phase["unit"], done: number, total?: number): void {
    if (this.#style === undefined) return;
    const now = this.#now();
    if (this.#phase?.name !== name) {
      this.end();
      this.#phase = { name, unit, started: now, done, total };
      this.written = 0;
    }
    const phase = this.#phase!;
    phase.done = done;
    phase.total = total;
    if (now - this.#shown < INTERVALS[this.#style]) return;
    this.#shown = now;
    this.#show(phase);
  }

  #show(phase: Phase): void {
    const { name, unit, done, total } = phase;
    const seconds = (this.#now() - phase.started) / 1000;
    const bytes = unit === "bytes" ? done : this.written;
    const rate = seconds > 0 ? bytes / seconds / 1e6 : 0;
    const share = total === undefined ? undefined : total > 0 ? done / total : 1;
    const left = share ? seconds / share - seconds : undefined;
    if (this.#style === "json") {
      const report = {
        format_version: 1,
        phase: name,
        unit,
        done,
        total,
        percent: share && Math.floor(share * 100),
        mb_per_s: Number(rate.toFixed(1)),
        seconds: Number(seconds.toFixed(1)),
        seconds_left: left && Number(left.toFixed(1)),
      };
      this.#output.write(JSON.stringify(report) + "\n");
      return;
    }
    const amount = (n: number): string => unit === "bytes" ? size(n) : count(n);
    const text = [
      share === undefined ? name : `${name} ${Math.floor(share * 100)} %`,
      amount(done) + (total === undefined ? "" : ` of ${amount(total)}`) +
      (unit === "rows" ? " rows" : ""),
      `${rate.toFixed(rate < 10 ? 1 : 0)} MB/s`,
      ...(left === undefined ? [] : [`ETA ${duration(left)}`]),
    ].join(", ");
    if (this.#style === "lines") this.#output.write(text + "\n");
    else {
      const { columns = text.length } = this.#output;
      this.#output.write(CLEAR + text.slice(0, Math.max(0, columns - 1)));
      this.#lineIsOpen = true;
    }
  }
}
