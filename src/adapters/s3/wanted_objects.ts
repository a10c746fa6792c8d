/** The objects that a selection wants, where it is about single ones. @module */

import type { ObjectKey } from "../../keyspace/s3_keys.ts";
import { FileNames } from "../../tree/file_names.ts";
import { SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import { ScopeFolders } from "../../tree/scope_folders.ts";
import { NO_TWINS } from "../../tree/twins.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordFilter, RecordSelection } from "../wanted_rows.ts";
import { NamePlan } from "./name_plan.ts";
import { escapedName } from "./names.ts";

const PLAIN = new FileNames(false);

/** Says of objects, in the order of their rows, whether they are wanted. */
export class WantedObjects {
  readonly #filter: RecordFilter;
  readonly #names: NamePlan;
  readonly #folders = new ScopeFolders("s3/", PLAIN, []);

  private constructor(filter: RecordFilter, names: NamePlan) {
    this.#filter = filter;
    this.#names = names;
  }

  /**
   * Decides all names, by the plain rule.
   *
   * @param selection Which objects will be asked about.
   */
  static async of(
    context: AdapterContext,
    filter: RecordFilter,
    selection: RecordSelection,
  ): Promise<WantedObjects> {
    const plain = { names: PLAIN, twins: () => Promise.resolve(NO_TWINS) };
    const folders = new ScopeFolders("s3/", PLAIN, []);
    const silent = context.silent();
    return new WantedObjects(filter, await NamePlan.make(silent, plain, folders, selection));
  }

  /**
   * Whether an object is wanted, by the path of its body or that of its headers.
   *
   * @param isThere `false`: there are only rows that were to belong to one.
   */
  async has(object: ObjectKey, isThere: boolean): Promise<boolean> {
    const { bucket, object: key } = object;
    if (!isThere) return !this.#filter.isPartial(bucket);
    const name = await this.#names.nameOf(object) ?? escapedName(key, { names: PLAIN });
    if (!this.#filter.isPartial(bucket)) return true;
    const path = `${this.#folders.of(bucket)}/${name.path}`;
    return this.#filter.has(path, key, path + SIDECAR_SUFFIX);
  }

  /** Lets go of what was noted. */
  close(): void {
    this.#names.close();
  }
}
