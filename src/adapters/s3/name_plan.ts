/**
 * The names of all objects, decided from their keys before the first one is written.
 *
 * Most names follow from the key alone. The others need to know of keys that come later: `a` is renamed
 * because of `a/b`, unless the new name is in use. Keys come in the order of their bytes, so everything
 * that begins with `a` comes right behind it, and when that has gone by, the name of `a` is decided. What
 * was decided about such keys is sorted, with the keys (scratch space), and met again when the objects
 * are written, in the same order.
 *
 * By the portable rule, names that differ too little are found among the names that come out of that, and
 * what then is known of every object is noted in the same way. That reads the keys twice more.
 *
 * @module
 */

import { equalBytes } from "../../bytes/compare.ts";
import { type ObjectKey, parseObjectKey } from "../../keyspace/s3_keys.ts";
import { rowValue } from "../../mvcc/row_batch.ts";
import { after, type MaybePromise } from "../../sources/source.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import { RENAME_SUFFIXES, SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import type { TreeOutput } from "../../tree/output.ts";
import type { ScopeFolders } from "../../tree/scope_folders.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { rangesOf, type Within } from "./keyed_rows.ts";
import { type Decision, NameDecisions } from "./name_decisions.ts";
import { decidingRows } from "./name_range.ts";
import {
  continues,
  escapedName,
  isSidecarLike,
  type Name,
  renameKind,
  suffixedName,
  type Surroundings,
  whyEscaped,
} from "./names.ts";
import { type OpenKey, OpenKeys } from "./open_keys.ts";

/** What keys that come later say about one. */
interface Later {
  /** Whether some lie below it. */
  leaf: boolean;
  /** Whether one is the name that it would get, or lies below that. */
  taken: boolean;
}

/** Gives objects their names, in the order of their rows. */
export class NamePlan {
  readonly #around: Surroundings;
  readonly #decisions: NameDecisions;
  /** Whether everything that needs to know of other keys is decided. */
  readonly #complete: boolean;
  /** The bucket and generation of the current object. */
  #group: Group | undefined;
  /** What must be appended to the open keys for the names of their files with headers. */
  readonly #open = new OpenKeys<string>();

  private constructor(around: Surroundings, decisions: NameDecisions, complete: boolean) {
    this.#around = around;
    this.#decisions = decisions;
    this.#complete = complete;
  }

  /**
   * Looks at the keys of all objects.
   *
   * @param folders Where buckets go.
   * @param selection Which objects will be asked about; all that the context wants unless given.
   */
  static async make(
    context: AdapterContext,
    output: Pick<TreeOutput, "names" | "twins">,
    folders: ScopeFolders,
    selection: RecordSelection = {},
  ): Promise<NamePlan> {
    const around = { ...context.options, names: output.names };
    const { portable } = output.names;
    const within = portable ? undefined : await decidingRows(context, selection);
    const decisions = await lookAhead(context, around, within);
    await decisions.begin();
    if (!output.names.portable) return new NamePlan(around, decisions, false);
    const all = await NamePlan.#decideAll(context, output, folders, around, decisions);
    decisions.close();
    await all.begin();
    return new NamePlan(around, all, true);
  }

  /** Decides about every object, so that no name is a twin of another one. */
  static async #decideAll(
    context: AdapterContext,
    output: Pick<TreeOutput, "names" | "twins">,
    folders: ScopeFolders,
    around: Surroundings,
    decisions: NameDecisions,
  ): Promise<NameDecisions> {
    const named = async function* (): AsyncGenerator<[ObjectKey, Name | undefined]> {
      await decisions.begin();
      const plan = new NamePlan(around, decisions, false);
      for await (const object of objectKeys(context)) yield [object, await plan.nameOf(object)];
    };
    const twins = await output.twins(async (plan) => {
      for await (const [{ bucket, generation }, name] of named()) {
        const path = `${folders.of(bucket)}/${generation}/${name?.path}`;
        await plan.note(...(name ? [path, path + SIDECAR_SUFFIX] : []));
      }
    });
    const all = new NameDecisions(context.scratch);
    for await (const [object, name] of named()) {
      if (await twins.next()) await all.add(object, "escaped");
      else if (name?.kind) await all.add(object, isSuffixed(name) ? "suffixed" : "escaped");
    }
    twins.close();
    return all;
  }

  /**
   * The name of the next object; objects may be left out. `undefined`: it may not have its own name, and
   * the options forbid another.
   */
  nameOf(object: ObjectKey): MaybePromise<Name | undefined> {
    const { object: key } = object;
    const around = this.#around;
    if (!isSame(this.#group, object)) this.#open.enter(undefined);
    this.#group = object;
    const kind = whyEscaped(key, around);
    if (kind) return escapedName(key, around, kind);
    return after(this.#decisions.of(object), (decision) => this.#decided(key, decision));
  }

  #decided(key: Uint8Array, decision: Decision | undefined): Name | undefined {
    const around = this.#around;
    this.#open.enter(key);
    if (around.renameCollisions === false && isSidecarLike(key)) return undefined;
    if (decision === "escaped" || this.#isBelowSidecar(key)) return escapedName(key, around);
    const name = decision === "suffixed" ? suffixedName(key, around) : { path: decodeUtf8(key)! };
    if (name.kind !== "sha-fallback") {
      this.#open.push((name.kind ? RENAME_SUFFIXES[renameKind(key)] : "") + SIDECAR_SUFFIX);
    }
    return name;
  }

  /** Lets go of what was noted. */
  close(): void {
    this.#decisions.close();
  }

  /** Whether a folder on the way to the key is a file with an object's headers. */
  #isBelowSidecar(key: Uint8Array): boolean {
    return !this.#complete &&
      this.#open.keys.some(({ length, value }) => continues(key, length, value) === "below");
  }
}

/** Decides about the keys whose names depend on keys that come later. */
async function lookAhead(
  context: AdapterContext,
  around: Surroundings,
  within: Within | undefined,
): Promise<NameDecisions> {
  const decisions = new NameDecisions(context.scratch);
  const note = async (group: Group | undefined, closed: OpenKey<Later>[]): Promise<void> => {
    for (const { key, value: { leaf, taken } } of closed) {
      if (!leaf && !isSidecarLike(key)) continue;
      await decisions.add({ ...group!, object: key }, taken ? "escaped" : "suffixed");
    }
  };
  const open = new OpenKeys<Later>();
  let group: Group | undefined;
  for await (const found of objectKeys(context, within)) {
    if (!isSame(group, found)) {
      await note(group, open.enter(undefined));
      group = found;
    }
    const { object: key } = found;
    if (whyEscaped(key, around)) continue;
    await note(group, open.enter(key));
    for (const { length, value } of open.keys) {
      if (key[length] === 0x2f) value.leaf = true;
      const suffix = RENAME_SUFFIXES[renameKind(key.subarray(0, length))];
      if (continues(key, length, suffix)) value.taken = true;
    }
    open.push({ leaf: false, taken: false });
  }
  await note(group, open.enter(undefined));
  return decisions;
}

/** The keys of all objects, in the order of their rows. */
async function* objectKeys(
  context: AdapterContext,
  within?: Within,
): AsyncGenerator<ObjectKey> {
  const ranges = rangesOf(context, "s3-object", within);
  let last: ObjectKey | undefined;
  for await (const batch of context.scanRanges(ranges, false)) {
    const { bytes, ranges, count } = batch;
    for (let i = 0; i < count; i++) {
      if (rowValue(batch, i).length === 0) continue;
      const found = parseObjectKey(bytes, ranges[i * 4], ranges[i * 4 + 1], last);
      if (typeof found !== "string") yield last = found;
    }
  }
}

interface Group {
  bucket: Uint8Array;
  generation: bigint;
}

function isSame(a: Group | undefined, b: Group): boolean {
  return a !== undefined && a.generation === b.generation && equalBytes(a.bucket, b.bucket);
}

function isSuffixed({ kind }: Name): boolean {
  return kind !== undefined && Object.hasOwn(RENAME_SUFFIXES, kind);
}
