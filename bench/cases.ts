/** What is measured, and what came out of it. @module */

import type { Cost } from "./measure.ts";
import { type Input, type Result, summary } from "./results.ts";
import type { StageReport } from "./stages.ts";

/** One case and the costs of its runs. */
export class Case {
  /** See {@link Result.group}. */
  readonly group: Result["group"];
  readonly #input: Input;
  readonly #name: string;
  readonly #run: () => Promise<Cost & Partial<StageReport>>;
  readonly #costs: (Cost & Partial<StageReport>)[] = [];

  /** Nothing is run yet. */
  constructor(
    input: Input,
    group: Result["group"],
    name: string,
    run: () => Promise<Cost & Partial<StageReport>>,
  ) {
    this.#input = input;
    this.group = group;
    this.#name = name;
    this.#run = run;
  }

  /** Runs it once. */
  async run(): Promise<void> {
    this.#costs.push(await this.#run());
  }

  /** What all runs say together. */
  result(): Result {
    const { kind, bytes } = this.#input;
    const { rows, reads, bytes_read } = this.#costs.at(-1)!;
    const counts = rows === undefined ? {} : { rows, reads, bytes_read };
    return { kind, bytes, group: this.group, case: this.#name, ...summary(this.#costs), ...counts };
  }
}
