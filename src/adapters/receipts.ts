/**
 * What becomes of a record is said by the one who was given it. The adapter that gave it books its rows
 * by that answer, and gives no other record before it has one.
 *
 * @module
 */

import type { UnsoundError } from "../errors.ts";
import type { Reason } from "./ledger.ts";

/** What became of a record: it was written, could not be used, or was left out for a reason. */
export type Outcome = "written" | UnsoundError | Reason;

/** Takes the answer for one record. */
export class Receipt {
  #outcome: Outcome | undefined;

  /** The record is in the output. */
  written(): void {
    this.#answer("written");
  }

  /** The record is not sound, which only shows when it is used. It is reported. */
  refuse(error: UnsoundError): void {
    this.#answer(error);
  }

  /** The record has no place in this output. */
  leave(reason: Reason): void {
    this.#answer(reason);
  }

  /** The answer. Without one, the program is wrong. */
  get outcome(): Outcome {
    if (this.#outcome === undefined) throw new Error("nobody said what became of a record");
    return this.#outcome;
  }

  #answer(outcome: Outcome): void {
    if (this.#outcome !== undefined) throw new Error("two answers for one record");
    this.#outcome = outcome;
  }
}

/**
 * Takes the answers for the rows of a batch. They may come when the next batch is asked for, or later, if
 * that is said before: the rows are booked when all of them have one.
 */
export class BatchReceipt {
  /** Rows that are in the output. */
  rowsWritten = 0;
  /** The others, by their places in the batch. */
  readonly refused: { row: number; error: UnsoundError }[] = [];
  readonly #rows: number;
  readonly #book: (receipt: BatchReceipt) => void;
  #isLater = false;

  /**
   * @param rows How many there are.
   * @param book Books them: called once, when all have their answers.
   */
  constructor(rows: number, book: (receipt: BatchReceipt) => void) {
    this.#rows = rows;
    this.#book = book;
  }

  /** So many more rows are in the output. */
  written(rows: number): void {
    this.rowsWritten += rows;
    if (rows > 0) this.#answered();
  }

  /** Row `row` of the batch is not sound, which only shows when it is used. It is reported. */
  refuse(row: number, error: UnsoundError): void {
    this.refused.push({ row, error });
    this.#answered();
  }

  /** The answers will come when others work on the batch. Those that never do, the balance shows. */
  later(): void {
    this.#isLater = true;
  }

  /** Every row must have an answer, or come later. Otherwise the program is wrong. */
  settle(): void {
    if (this.#missing > 0 && !this.#isLater) this.#fail();
  }

  get #missing(): number {
    return this.#rows - this.rowsWritten - this.refused.length;
  }

  #answered(): void {
    if (this.#missing < 0) this.#fail();
    if (this.#missing === 0) this.#book(this);
  }

  #fail(): never {
    const answered = this.#rows - this.#missing;
    throw new Error(`${this.#rows} rows were given, and what became of ${answered} was said`);
  }
}
