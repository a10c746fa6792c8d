/** Which records were asked for, by their paths and keys. @module */

import type { AdapterName } from "../keyspace/families.ts";
import { nameBytes } from "../text/name_text.ts";
import { PathPattern, regularExpression } from "../text/path_pattern.ts";
import { startsWith } from "../bytes/compare.ts";
import type { SelectOptions } from "./select_options.ts";

/** Paths that are remembered, to be named where nothing is found. */
const MAX_NEAREST = 3;

/** How much of a folder may have been asked for. */
export type Part = "all" | "some" | "none";

/** The part of a selection that is about paths and keys. */
export class SelectedRecords {
  /** Records that were found so far, where each was asked about. */
  matched = 0;
  /** What all wanted keys begin with. */
  readonly prefix: Uint8Array | undefined;
  /** The beginnings of what was asked for; of many paths the first. */
  readonly asked: readonly string[];
  readonly #only: readonly PathPattern[];
  readonly #exclude: readonly PathPattern[];
  readonly #paths: ReadonlySet<string> | undefined;
  /** The folders of the paths, as far as scopes are named by them. */
  readonly #folders: ReadonlySet<string>;
  readonly #selectsPaths: boolean;
  readonly #regex: RegExp | undefined;
  readonly #decoder = new TextDecoder();
  #nearest: { path: string; common: number }[] = [];

  /** @throws {UsageError} when a pattern is none. */
  constructor({ only, exclude = [], paths, keyPrefix, keyRegex }: SelectOptions) {
    this.#only = (only ?? []).map((text) => new PathPattern(text));
    this.#exclude = exclude.map((text) => new PathPattern(text));
    this.#paths = paths && new Set(paths);
    this.#folders = new Set(
      paths?.flatMap((path) => {
        const [adapter, scope] = path.split("/", 2);
        return [adapter, `${adapter}/${scope}`];
      }),
    );
    this.asked = [...this.#only.map(({ literal }) => literal), ...paths?.slice(0, 1) ?? []];
    this.#selectsPaths = only !== undefined || paths !== undefined;
    this.prefix = keyPrefix === undefined || keyPrefix === "" ? undefined : nameBytes(keyPrefix);
    this.#regex = keyRegex === undefined ? undefined : regularExpression(keyRegex);
  }

  /** How much of a scope's folder, or of an adapter's, may be wanted. */
  partOf(adapter: AdapterName, folder: string): Part {
    const byKey = this.prefix !== undefined || this.#regex !== undefined;
    if (byKey && adapter === "sqs") return "none";
    let part: Part = byKey ? "some" : "all";
    if (this.#selectsPaths && !this.#only.some((pattern) => pattern.covers(folder))) {
      const mayMatch = this.#folders.has(folder) ||
        this.#only.some((pattern) => pattern.mayMatchIn(folder));
      if (!mayMatch) return "none";
      part = "some";
    }
    if (this.#exclude.some((pattern) => pattern.covers(folder))) return "none";
    return this.#exclude.some((pattern) => pattern.mayMatchIn(folder)) ? "some" : part;
  }

  /** What all wanted paths of an adapter begin with, if paths were asked for. */
  commonPath(adapter: AdapterName): string | undefined {
    const wanted = [...this.#only.map(({ literal }) => literal), ...this.#paths ?? []]
      .filter((path) => path.startsWith(`${adapter}/`) || `${adapter}/`.startsWith(path));
    return wanted.length === 0 ? undefined : wanted.reduce(commonStart);
  }

  /** Whether a record is wanted; see {@link RecordFilter.has}. */
  has(path: string, key?: Uint8Array, beside?: string): boolean {
    const isNamed = !this.#selectsPaths || this.#isNamed(path) ||
      (beside !== undefined && this.#isNamed(beside));
    if (!isNamed) {
      if (this.matched === 0) this.#noteNearest(path);
      return false;
    }
    if (this.#exclude.some((pattern) => pattern.matches(path))) return false;
    if (this.prefix && !(key && startsWith(key, this.prefix))) return false;
    if (this.#regex && !(key && this.#regex.test(this.#decoder.decode(key)))) return false;
    this.matched++;
    return true;
  }

  /** Whether a file that is of no single record is named, whatever its keys. */
  names(path: string): boolean {
    const byKey = this.prefix !== undefined || this.#regex !== undefined;
    return !byKey && (!this.#selectsPaths || this.#isNamed(path)) &&
      !this.#exclude.some((pattern) => pattern.matches(path));
  }

  #isNamed(path: string): boolean {
    return this.#paths?.has(path) || this.#only.some((pattern) => pattern.matches(path));
  }

  /** Paths that begin most like one that was asked for. */
  get nearest(): string[] {
    return this.#nearest.map(({ path }) => path);
  }

  #noteNearest(path: string): void {
    const common = Math.max(...this.asked.map((asked) => commonLength(asked, path)));
    const least = this.#nearest.at(-1);
    if (this.#nearest.length === MAX_NEAREST && common <= least!.common) return;
    this.#nearest.push({ path, common });
    this.#nearest.sort((a, b) => b.common - a.common);
    this.#nearest.length = Math.min(this.#nearest.length, MAX_NEAREST);
  }
}

function commonStart(a: string, b: string): string {
  return a.slice(0, commonLength(a, b));
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
