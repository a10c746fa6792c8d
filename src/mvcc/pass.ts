/**
 * One walk over all entries of a snapshot: it counts them, lists those that are malformed or do not
 * authenticate, and compares what several tables say of one version.
 *
 * @module
 */

import type { EntryBatch } from "../container/entry_batch.ts";
import type { EntryTable, Origin } from "../container/entry_table.ts";
import { defectOf } from "./entry_defects.ts";
import type { Authentication } from "./authentication.ts";
import { Copies, isSystemRow } from "./copies.ts";
import { type EntryVisitor, visitEntries } from "./entry_visitor.ts";
import { ProblemList } from "./problems.ts";
import { type Proof, Resolver, Verdict } from "./resolver.ts";
import { Survey } from "./survey.ts";
import { INTENTS } from "./transactions.ts";

/** What a walk over all entries goes by. */
export interface PassOptions {
  /** Versions committed later are not looked at. */
  at?: bigint;
  /** The time that expiry is compared with. */
  now: bigint;
  /** Where the entries are from; applied intents come behind these. */
  origins: readonly Pick<Origin, "name">[];
  /** Tells what is wrong with a version, and whether two are the same. */
  authentication: Authentication;
  /** What tells how much of an entry may be believed: unless given, that is authenticated now. */
  proof?: Proof;
}

/** One walk over all entries: counts them and lists what is wrong with them. */
export class Pass implements EntryVisitor {
  readonly survey: Survey;
  readonly problems: ProblemList = new ProblemList();
  readonly resolver: Resolver;
  /** Entries that more than one table had. */
  copies = 0;
  /** Whether it mattered which table's entry was taken. */
  disagrees = false;
  /** Versions committed later were not looked at. */
  readonly at: bigint | undefined;
  /** The time that expiry was compared with. */
  readonly now: bigint;

  readonly #origins: PassOptions["origins"];
  readonly #authentication: Authentication;
  readonly #copies: Copies;

  /** Before the first entry. */
  constructor({ at, now, origins, authentication, proof = authentication }: PassOptions) {
    this.at = at;
    this.now = now;
    this.#origins = [...origins, INTENTS];
    this.#authentication = authentication;
    this.#copies = new Copies(this.#origins, authentication);
    this.survey = new Survey(proof);
    this.resolver = new Resolver(at, now, proof);
  }

  add(batch: EntryBatch): void {
    const { verdicts } = this.resolver;
    this.resolver.resolve(batch);
    this.survey.add(batch, verdicts);
    for (let i = 0; i < batch.count; i++) {
      if (verdicts[i] !== Verdict.UNSOUND && verdicts[i] !== Verdict.UNDECIDED) continue;
      const { name } = this.#origins[batch.inputs[i]];
      const error = defectOf(batch, i, name) ?? this.#authentication.problem(batch, i, name);
      if (error) this.problems.add({ error, adapter: "" });
    }
  }

  addCopy(kept: EntryBatch, k: number, copy: EntryBatch, c: number, isSame: boolean): void {
    this.copies++;
    if (isSame) return;
    if (!isSystemRow(copy, c)) this.disagrees = true;
    const error = this.#copies.problem(kept, k, copy, c);
    if (error) this.problems.add({ error, adapter: "" });
    else if (this.#copies.isUnproven(kept, k, copy, c)) this.survey.encryptedVersions++;
  }

  /** Takes back what was found wrong with an entry, as it decides nothing. */
  withdraw(batch: EntryBatch, i: number): void {
    const { name } = this.#origins[batch.inputs[i]];
    const error = this.#authentication.problem(batch, i, name);
    if (error) this.problems.remove(error);
  }
}

/** Walks over all entries of a table. */
export async function passOver(
  table: EntryTable,
  options: Omit<PassOptions, "origins">,
  signal: AbortSignal | undefined,
): Promise<Pass> {
  const pass = new Pass({ ...options, origins: table.origins });
  await visitEntries(table.walk({ from: new Uint8Array(0) }), [pass], signal);
  return pass;
}
