/**
 * Which of the files of one group are one state, and which are earlier ones.
 *
 * @module
 */

import { EntryMerge } from "../container/entry_merge.ts";
import { sharedBuffer } from "../container/merged_table.ts";
import { MAX_U64 } from "../bytes/integers.ts";
import type { DecantError } from "../errors.ts";
import { visitEntries } from "./entry_visitor.ts";
import { type FileMoment, momentText } from "./file_moments.ts";
import { Lineage } from "./lineage.ts";
import type { NotedVersion } from "./noted_version.ts";
import { groupText, otherHistory } from "./refusals.ts";
import { TIMESTAMP_LENGTH } from "./resolver.ts";

/** A file's state, and the group that it is of. */
export interface GroupState extends FileMoment {
  /** The group, where it can be told. */
  group?: bigint;
}

/**
 * Tells which states of one group are earlier than the latest of them, and which are damaged replicas
 * of it where it is proven to be whole; all others are that one.
 *
 * @param states Those of the group.
 * @param all Those of all files, in the order of their numbers.
 * @param lineage What reading all files has shown.
 * @throws {UsageError} `another-history` when nothing proves that the latest goes on from the others.
 */
export async function earlierStates<State extends GroupState>(
  states: readonly State[],
  all: readonly State[],
  lineage: Lineage,
  signal: AbortSignal | undefined,
): Promise<{ latest: State; earlier: State[]; damaged: State[] }> {
  const latest = states.reduce((a, b) => isLater(b, a) ? b : a);
  // One without a checksum may lack the end: then a damaged one is better than nothing.
  const damaged = mayBeCut(latest)
    ? []
    : states.filter((state) => state !== latest && isTakenFor(state, latest));
  const others = states.filter((state) =>
    state !== latest && !lineage.isEmpty(state.file.input) && !isTakenFor(state, latest)
  );
  if (others.length === 0) return { latest, earlier: [], damaged };
  const compared = [latest, ...others];
  const inputs = compared.map(({ file }) => file.input);
  // What was read of the same keys can be another group's, as routes change, or a damaged replica's.
  const own = lineage.covers(inputs) ? lineage : await compareAgain(compared, all.length, signal);
  own.unite(inputs);
  const isShared = (state: GroupState): boolean =>
    lineage.isShared(state.file.input, latest.file.input);
  const proof = new Proof(own, isShared, latest, all);
  await proof.checkLatest(others);
  const earlier: State[] = [];
  for (const state of others) if (await proof.isEarlier(state)) earlier.push(state);
  return { latest, earlier, damaged };
}

/** Equal states are told apart no further than that a sound one, and one with more history, comes later. */
export function isLater(a: FileMoment, b: FileMoment): boolean {
  if (a.lastCommitTs !== b.lastCommitTs) return a.lastCommitTs > b.lastCommitTs;
  if (isDamaged(a) !== isDamaged(b)) return isDamaged(b);
  const { appliedIndex: x = -1n } = a;
  const { appliedIndex: y = -1n } = b;
  return x === y ? floorOf(a) < floorOf(b) : x > y;
}

/** What a damaged replica lacks or says otherwise is damage, and no other moment. */
function isTakenFor(state: FileMoment, latest: FileMoment): boolean {
  return state.lastCommitTs === latest.lastCommitTs && (isDamaged(state) || isDamaged(latest));
}

/** Whether a reading from end to end has found something wrong with the file. */
export function isDamaged({ file }: Pick<FileMoment, "file">): boolean {
  return file.problems.length > 0;
}

/** Compares files with each other alone, in a second reading of them. */
async function compareAgain(
  states: readonly GroupState[],
  files: number,
  signal: AbortSignal | undefined,
): Promise<Lineage> {
  const groups = Array.from<bigint | undefined>({ length: files });
  for (const { file } of states) groups[file.input] = 0n;
  const lineage = new Lineage(groups);
  const options = { buffer: sharedBuffer(states.length) };
  const streams = states.map(({ file: { table, input } }) =>
    table.walk({ from: new Uint8Array(0) }, { ...options, firstInput: input })
  );
  await visitEntries(new EntryMerge(streams), [lineage], signal);
  return lineage;
}

class Proof {
  readonly #lineage: Lineage;
  readonly #isShared: (state: GroupState) => boolean;
  readonly #latest: GroupState;
  readonly #all: readonly GroupState[];

  constructor(
    lineage: Lineage,
    isShared: (state: GroupState) => boolean,
    latest: GroupState,
    all: readonly GroupState[],
  ) {
    this.#lineage = lineage;
    this.#isShared = isShared;
    this.#latest = latest;
    this.#all = all;
  }

  /** Refuses a latest state that lacks what others have, and compaction does not explain it. */
  async checkLatest(others: readonly GroupState[]): Promise<void> {
    const latest = this.#latest;
    const lack = this.#lackOf(latest);
    if (lack) throw await this.#disproven(this.#all[lack.file], lack);
    for (const state of others) {
      const route = this.#lineage.difference(state.file.input, latest.file.input, "route");
      if (route) throw await this.#disproven(state, route);
    }
  }

  /**
   * Whether a state is an earlier one than the latest of its group, or else the same one.
   *
   * @throws {UsageError} when neither is proven.
   */
  async isEarlier(state: GroupState): Promise<boolean> {
    const lineage = this.#lineage;
    const latest = this.#latest;
    const [one, other] = [state.file.input, latest.file.input];
    const isSameCommit = state.lastCommitTs === latest.lastCommitTs;
    const isCut = (input: number): boolean => mayBeCut(this.#all[input]);
    const isSame = !this.#lackOf(state) && lineage.isSameState(one, other, isCut);
    if (isSameCommit && isSame) return false;
    const conflict = lineage.difference(one, other, "value");
    if (conflict) throw await this.#disproven(state, conflict);
    if (mayBeCut(latest) && lineage.lackAtEnd(other, floorOf(latest))) {
      throw this.#unproven(state, "the later one is cut off");
    }
    if (latest.retainedFrom === undefined) {
      throw this.#unproven(state, "the later one does not say which versions it has kept");
    }
    if (!this.#isShared(state)) {
      throw this.#unproven(state, "they have no version in common");
    }
    if (isSameCommit && state.appliedIndex === latest.appliedIndex) {
      throw await this.#disproven(state);
    }
    return true;
  }

  #lackOf(state: GroupState): NotedVersion | undefined {
    return this.#lineage.lack(state.file.input, floorOf(state), mayBeCut(state));
  }

  async #disproven(state: GroupState, version?: NotedVersion): Promise<DecantError> {
    const latest = this.#latest;
    return otherHistory(
      `${momentText(latest)} does not go on from ${momentText(state)}, though both are of ` +
        groupText(state.group),
      [state, latest],
      version && await keyOf(version, this.#all),
    );
  }

  #unproven(state: GroupState, why: string): DecantError {
    const latest = this.#latest;
    return otherHistory(
      `nothing proves that ${momentText(latest)} goes on from ${momentText(state)}, though both ` +
        `are of ${groupText(state.group)}: ${why}`,
      [state, latest],
    );
  }
}

/** Reads the user key of a version again. */
export async function keyOf(
  { place }: NotedVersion,
  all: readonly FileMoment[],
): Promise<Uint8Array> {
  const frame = await all[place.input].file.table.readFrame({ ...place, input: 0 });
  return frame.slice(8, frame.length - TIMESTAMP_LENGTH);
}

/** What is not newer may be gone; where the file does not say so, anything may. */
function floorOf({ retainedFrom = MAX_U64 }: FileMoment): bigint {
  return retainedFrom;
}

/** Without a checksum behind the last entry, others may have come after it. */
function mayBeCut(moment: FileMoment): boolean {
  return moment.file.footer !== "verified" || isDamaged(moment);
}
