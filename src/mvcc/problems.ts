/**
 * What is wrong with a snapshot, in a list that takes little memory whatever is wrong: a file can have
 * millions of defects, and each can name a key of a megabyte.
 *
 * @module
 */

import { sha256Hex } from "../bytes/digest.ts";
import { type CutKey, UnsoundError } from "../errors.ts";
import { scopeLabel } from "../keyspace/scope_labels.ts";
import { printable } from "../text/printable.ts";

/** Problems, or warnings, that are kept. */
export const MAX_PROBLEMS = 10_000;
/** Bytes of keys, names and texts that are kept with them: 8 MiB. */
export const MAX_PROBLEM_BYTES: number = 8 << 20;
/** Bytes of one key. */
export const MAX_PROBLEM_KEY = 1024;
/** Characters of one text. */
const MAX_TEXT = 1024;

/** What is wrong, and whose it is. */
export interface Problem {
  /** What, and where. */
  error: UnsoundError;
  /** Name of the adapter; empty for the file as a whole. */
  adapter: string;
  /** Label of the table, bucket, database or queue. */
  scope?: Uint8Array;
}

/** The first entries of what may be far more. */
export class BoundedList<T> {
  /** Those that are kept, in the order of adding. */
  readonly list: T[] = [];
  /** How many are not. */
  left = 0;
  #bytes = 0;

  /** Whether nothing more is kept. */
  get isFull(): boolean {
    return this.left > 0 || this.list.length >= MAX_PROBLEMS || this.#bytes >= MAX_PROBLEM_BYTES;
  }

  /** Keeps an entry, or counts it. */
  add(entry: T, bytes: number): void {
    if (this.isFull) this.left++;
    else {
      this.#bytes += bytes;
      this.list.push(entry);
    }
  }
}

/** The first problems of a snapshot. When there were more, the last entry says so. */
export class ProblemList {
  readonly #kept = new BoundedList<Problem>();
  /** Where the defects of entries are in the list, by what and where they are. */
  readonly #indexes = new Map<string, number>();
  readonly #removed = new Set<Problem>();

  /** Those that are kept, in the order of adding. */
  get list(): readonly Problem[] {
    const { list } = this.#kept;
    return this.#removed.size === 0 ? list : list.filter((problem) => !this.#removed.has(problem));
  }

  /** Adds a problem. Its key may be a view: what is kept is a copy, and cut where it is long. */
  add({ error, adapter, scope }: Problem): void {
    const kept = this.#kept;
    if (kept.isFull) {
      const more = new UnsoundError(error.code, "… and more problems, which are not listed");
      if (kept.left++ === 0) kept.list.push({ error: more, adapter: "" });
      return;
    }
    const short = shortError(error);
    const label = scope && scopeLabel(scope);
    const bytes = (short.key?.length ?? 0) + (label?.length ?? 0) + short.message.length;
    const place = placeOf(short);
    if (place !== undefined) this.#indexes.set(place, kept.list.length);
    kept.add({ error: short, adapter, scope: label }, bytes);
  }

  /** Adds a problem that another walk may have found as well: it is told once, with whose it is. */
  addOnce(problem: Problem): void {
    const known = this.#indexes.get(placeOf(problem.error) ?? "");
    if (known === undefined) return this.add(problem);
    const { adapter, scope } = problem;
    this.#kept.list[known] = {
      ...this.#kept.list[known],
      adapter,
      scope: scope && scopeLabel(scope),
    };
  }

  /** Takes back the same problem of an entry, if it is kept. */
  remove(error: UnsoundError): void {
    const place = placeOf(error) ?? "";
    const known = this.#indexes.get(place);
    if (known === undefined) return;
    this.#removed.add(this.#kept.list[known]);
    this.#indexes.delete(place);
  }
}

/** What tells a defect of one entry; `undefined` for others. */
function placeOf({ code, file, offset }: UnsoundError): string | undefined {
  return offset === undefined ? undefined : `${code} ${offset} ${file}`;
}

/** A text that is no longer than one that is kept may be; what is cut says how long it was. */
export function shortText(text: string): string {
  return text.length <= MAX_TEXT ? text : printable(text, MAX_TEXT);
}

/** The same error with a key of its own, which is short. */
function shortError(error: UnsoundError): UnsoundError {
  const { code, message, file, offset, key, cut, hint, cause } = error;
  const short = key && shortKey(key);
  return new UnsoundError(code, shortText(message), {
    file,
    offset,
    key: short?.key,
    cut: short?.cut ?? cut,
    hint,
  }, { cause });
}

/** A copy of a key, or of the beginning of a long one. */
export function shortKey(key: Uint8Array): { key: Uint8Array; cut?: CutKey } {
  if (key.length <= MAX_PROBLEM_KEY) return { key: key.slice() };
  const cut = { length: key.length, sha256: sha256Hex(key) };
  return { key: key.slice(0, MAX_PROBLEM_KEY), cut };
}
