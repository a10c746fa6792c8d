/**
 * The folders of tables, buckets and queues. By the portable rule, of names that differ too little the
 * one with the least bytes keeps its name and the others are hashed. All names of the snapshot take part,
 * whether or not their scope is wanted: so a folder is called the same in the dump of a part.
 *
 * @module
 */

import type { FileNames } from "./file_names.ts";
import { folded } from "./portable.ts";

/** Names the folders of one adapter's scopes. */
export class ScopeFolders {
  readonly #root: string;
  readonly #names: FileNames;
  /** By folded components, the least one: about 150 bytes of memory a scope. */
  readonly #first = new Map<string, string>();

  /**
   * Decides all names.
   *
   * @param root What stands before each, with its `/`.
   * @param scopes The names of all scopes in the snapshot.
   */
  constructor(root: string, names: FileNames, scopes: Iterable<Uint8Array>) {
    this.#root = root;
    this.#names = names;
    if (!names.portable) return;
    for (const scope of scopes) {
      const component = names.component(scope);
      const key = folded(component);
      const first = this.#first.get(key);
      if (first === undefined || component < first) this.#first.set(key, component);
    }
  }

  /** The path of a scope's folder. */
  of(scope: Uint8Array): string {
    const component = this.#names.component(scope);
    const first = this.#first.get(folded(component)) ?? component;
    return this.#root + (first === component ? component : this.#names.hashed(scope));
  }
}
