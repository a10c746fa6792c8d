/** Sets of files that grow. @module */

/** Disjoint sets of files, each of one group at the most. */
export class FileSets {
  /** The number of each file's set. */
  readonly of: number[];
  /** The files of each set; none if it has become part of another. */
  readonly members: number[][];
  /** The group of each set, where it is known. */
  readonly #groups: (bigint | undefined)[];

  /**
   * Each file in a set of its own, but for those of one group.
   *
   * @param groups The group of each file, where it is known.
   */
  constructor(groups: readonly (bigint | undefined)[]) {
    this.of = groups.map((_, file) => file);
    this.members = this.of.map((file) => [file]);
    this.#groups = [...groups];
    const first = new Map<bigint, number>();
    for (const [file, group] of groups.entries()) {
      if (group === undefined) continue;
      const other = first.get(group);
      if (other === undefined) first.set(group, file);
      else this.join(other, file);
    }
  }

  /** The group of a file's set, where it is known. */
  groupOf(file: number): bigint | undefined {
    return this.#groups[this.of[file]];
  }

  /** Whether the sets of two files are two, and not known to be of two groups. */
  mayJoin(a: number, b: number): boolean {
    return this.of[a] !== this.of[b] &&
      (this.groupOf(a) === undefined || this.groupOf(b) === undefined);
  }

  /** Makes one set of those of two files, which has the number of the larger one: few files change theirs. */
  join(a: number, b: number): void {
    let [into, from] = [this.of[a], this.of[b]];
    if (this.members[into].length < this.members[from].length) [into, from] = [from, into];
    for (const file of this.members[from]) {
      this.of[file] = into;
      this.members[into].push(file);
    }
    this.members[from] = [];
    this.#groups[into] ??= this.#groups[from];
  }
}
