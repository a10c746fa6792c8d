/**
 * The names of all objects, decided from their keys before the first one is written.
 *
 * Most names follow from the key alone. The others need to know of keys that come later: `a` is renamed
 * because of `a/b`, unless the new name is in use. Keys come in the order of their bytes, so everything
 * that begins with `a` comes right behind it, and when that has gone by, the name of `a` is decided. What
 * was decided about such keys is sorted, with the keys (scratch space), and met again when the objects
 * are written, in the same order.
 *
 * @module
 */

import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { objectKey, parseObjectKey } from "../../keyspace/s3_keys.ts";
import { rowValue } from "../../mvcc/row_batch.ts";
import { type SortedRecord, type SortedRecords, SpillSorter } from "../../sources/spill_sorter.ts";
import { decodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import {
  continues,
  escapedName,
  isSidecarLike,
  type Name,
  renameKind,
  SIDECAR_SUFFIX,
  suffixedName,
  SUFFIXES,
  whyEscaped,
} from "./names.ts";
import { type OpenKey, OpenKeys } from "./open_keys.ts";
import type { ObjectRecord } from "./records.ts";

/** What keys that come later say about one. */
interface Later {
  /** Whether some lie below it. */
  leaf: boolean;
  /** Whether one is the name that it would get, or lies below that. */
  taken: boolean;
}

/** What is noted of a key: it gets a suffix, or an escaped name. */
const SUFFIXED = 1;
const ESCAPED = 2;

/** Gives objects their names, in the order of their rows. */
export class NamePlan {
  readonly #context: AdapterContext;
  readonly #sorter: SpillSorter;
  #records!: SortedRecords;
  #next: SortedRecord | undefined;
  /** The bucket and generation of the current object. */
  #group: Group | undefined;
  /** What must be appended to the open keys for the names of their files with headers. */
  readonly #open = new OpenKeys<string>();

  private constructor(context: AdapterContext) {
    this.#context = context;
    this.#sorter = new SpillSorter(context.scratch);
  }

  /** Looks at the keys of all objects. */
  static async make(context: AdapterContext): Promise<NamePlan> {
    const plan = new NamePlan(context);
    await plan.#lookAhead();
    plan.#records = await plan.#sorter.sorted();
    plan.#next = await plan.#records.next();
    return plan;
  }

  /**
   * The name of the next object; objects may be left out. `undefined`: it may not have its own name, and
   * the options forbid another.
   */
  async nameOf(object: ObjectRecord): Promise<Name | undefined> {
    const { key } = object;
    const { options } = this.#context;
    if (!isSame(this.#group, object)) this.#open.enter(undefined);
    this.#group = object;
    const kind = whyEscaped(key, options);
    if (kind) return escapedName(key, kind);
    const decision = await this.#decisionOf(objectKey({ ...object, object: key }));
    this.#open.enter(key);
    if (options.renameCollisions === false && isSidecarLike(key)) return undefined;
    if (decision === ESCAPED || this.#isBelowSidecar(key)) return escapedName(key);
    const name = decision === SUFFIXED ? suffixedName(key) : { path: decodeUtf8(key)! };
    if (name.kind !== "sha-fallback") {
      this.#open.push((name.kind ? SUFFIXES[renameKind(key)] : "") + SIDECAR_SUFFIX);
    }
    return name;
  }

  /** Lets go of what was noted. */
  close(): void {
    this.#sorter.close();
  }

  /** Whether a folder on the way to the key is a file with an object's headers. */
  #isBelowSidecar(key: Uint8Array): boolean {
    return this.#open.keys.some(({ length, value }) => continues(key, length, value) === "below");
  }

  async #decisionOf(key: Uint8Array): Promise<number> {
    for (; this.#next; this.#next = await this.#records.next()) {
      const order = compareBytes(this.#next.key, key);
      if (order === 0) return this.#next.value[0];
      if (order > 0) break;
    }
    return 0;
  }

  async #lookAhead(): Promise<void> {
    const open = new OpenKeys<Later>();
    let group: Group | undefined;
    for await (const batch of this.#context.scan("s3-object", false)) {
      const { bytes, ranges, count } = batch;
      for (let i = 0; i < count; i++) {
        if (rowValue(batch, i).length === 0) continue;
        const found = parseObjectKey(bytes, ranges[i * 4], ranges[i * 4 + 1]);
        if (typeof found === "string") continue;
        if (!isSame(group, found)) {
          await this.#note(group, open.enter(undefined));
          group = found;
        }
        const { object: key } = found;
        if (whyEscaped(key, this.#context.options)) continue;
        await this.#note(group, open.enter(key));
        for (const { length, value } of open.keys) {
          if (key[length] === 0x2f) value.leaf = true;
          const suffix = SUFFIXES[renameKind(key.subarray(0, length))];
          if (continues(key, length, suffix)) value.taken = true;
        }
        open.push({ leaf: false, taken: false });
      }
    }
    await this.#note(group, open.enter(undefined));
  }

  /** Notes what was decided about keys that are behind. */
  async #note(group: Group | undefined, closed: OpenKey<Later>[]): Promise<void> {
    for (const { key, value: { leaf, taken } } of closed) {
      if (!leaf && !isSidecarLike(key)) continue;
      const decision = Uint8Array.of(taken ? ESCAPED : SUFFIXED);
      await this.#sorter.add(objectKey({ ...group!, object: key }), decision);
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
