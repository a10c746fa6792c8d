/**
 * What of a snapshot was asked for. It is decided in two steps: first for adapters and scopes, which are
 * ranges of keys, so that of others nothing is read; then, in the scopes of which only a part is wanted,
 * for each record by its path and its key.
 *
 * @module
 */

import type { AdapterModule } from "../adapters/adapter.ts";
import { dynamodb } from "../adapters/dynamodb/mod.ts";
import { redis } from "../adapters/redis/mod.ts";
import { DATABASE } from "../adapters/redis/scopes.ts";
import { s3 } from "../adapters/s3/mod.ts";
import { sqs } from "../adapters/sqs/mod.ts";
import type { RecordFilter, RecordSelection, ScopeNames } from "../adapters/wanted_rows.ts";
import { UsageError } from "../errors.ts";
import type { Adapter, AdapterName, Family } from "../keyspace/families.ts";
import { isCutLabel, scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import type { Totals } from "../mvcc/survey.ts";
import { nameBytes, nameText } from "../text/name_text.ts";
import { nearest } from "../text/nearest.ts";
import { isPattern, PathPattern } from "../text/path_pattern.ts";
import { SelectedRecords } from "./selected_records.ts";
import { scopeFolder } from "./scope_paths.ts";
import type { SelectOptions } from "./select_options.ts";

/** The adapters, in the order of a dump. */
export const ADAPTERS: readonly AdapterModule[] = [dynamodb, s3, redis, sqs];

/** Names that come near to what was asked for in vain. */
const MAX_NEAREST = 5;

/** What was asked for. */
export class Selection {
  /** The adapters that something is wanted of. */
  readonly adapters: readonly AdapterModule[];
  /** Labels of scopes as {@link nameText} writes them; of an adapter that is absent, all. */
  readonly scopes: { readonly [adapter in AdapterName]?: readonly string[] };
  /** The same as raw names. */
  readonly names: ScopeNames;
  /** Whether anything was left out on purpose. */
  readonly selective: boolean;
  /** Decides about single records, where that is needed. */
  readonly records: SelectedRecords;
  readonly #keys: { readonly [adapter in AdapterName]?: ReadonlySet<string> };
  readonly #partial: { readonly [adapter in AdapterName]?: ReadonlySet<string> };
  readonly #present: readonly string[];

  /**
   * Decides about adapters and scopes.
   *
   * @param totals What the snapshot has.
   * @throws {UsageError} when nothing can be selected by that, or a name or pattern is none.
   */
  constructor(options: SelectOptions, totals: readonly Totals[]) {
    const { adapters: given, scopes, only, exclude, paths, keyPrefix, keyRegex } = options;
    const asked = given ?? (scopes && Object.keys(scopes));
    if (!ADAPTERS.some(({ name }) => asked?.includes(name) ?? true)) {
      throw new UsageError("no adapter is selected");
    }
    this.records = new SelectedRecords(options);
    const adapters: AdapterModule[] = [];
    const names: { [adapter in AdapterName]?: Uint8Array[] } = {};
    const partial: { [adapter in AdapterName]?: Set<string> } = {};
    const present: string[] = [];
    for (const adapter of ADAPTERS) {
      const { name } = adapter;
      const there = scopesIn(totals, name);
      present.push(...there.map((scope) => scopeFolder(name, scope)));
      if (asked && !asked.includes(name)) continue;
      const wanted = scopes?.[name] && namesOf(scopes[name], there);
      const parts = (wanted ?? there).map((scope) =>
        [scope, this.records.partOf(name, scopeFolder(name, scope))] as const
      );
      const some = parts.filter(([, part]) => part !== "none").map(([scope]) => scope);
      const isWhole = this.records.partOf(name, name) === "all";
      if (some.length === 0 && !isWhole && !(wanted && wanted.length === 0)) continue;
      adapters.push(adapter);
      if (wanted || !isWhole && some.length < there.length) names[name] = some.map(selectable);
      const inPart = parts.filter(([, part]) => part === "some").map(([scope]) => scopeKey(scope));
      if (inPart.length > 0) partial[name] = new Set(inPart);
    }
    this.adapters = adapters;
    this.names = names;
    this.#partial = partial;
    this.#present = present;
    const entries = Object.entries(names);
    this.#keys = Object.fromEntries(
      entries.map(([adapter, list]) => [adapter, new Set(list.map(scopeKey))]),
    );
    this.scopes = Object.fromEntries(
      entries.map(([adapter, list]) => [adapter, list.map((name) => nameText(scopeLabel(name)))]),
    );
    const narrows = [scopes, only, exclude, paths, keyPrefix, keyRegex];
    this.selective = narrows.some((one) => one !== undefined) || (asked !== undefined &&
      !ADAPTERS.every(({ name }) => asked.includes(name)));
  }

  /** What was asked for of an adapter's records. */
  of(adapter: AdapterName): RecordSelection {
    const scopes = this.names[adapter];
    if (!this.isPartial(adapter)) return { scopes };
    const filter: RecordFilter = {
      isPartial: (scope) => this.isPartial(adapter, scope),
      has: (path, key, beside) => this.records.has(path, key, beside),
    };
    return { scopes, filter, prefix: this.#prefixOf(adapter) };
  }

  /** Whether a scope of an adapter was asked for, all of it or a part. */
  selects(adapter: AdapterName, scope: Uint8Array): boolean {
    return this.adapters.some(({ name }) => name === adapter) &&
      (this.#keys[adapter]?.has(scopeKey(scope)) ?? true);
  }

  /** Whether only a part of a scope was asked for, or of any scope of an adapter. */
  isPartial(adapter: Adapter, scope?: Uint8Array): boolean {
    const scopes = this.#partial[adapter as AdapterName];
    return scopes !== undefined && (scope === undefined || scopes.has(scopeKey(scope)));
  }

  /** Whether rows of a scope, or of none of an adapter's, are passed over without being looked at. */
  passesBy(adapter: AdapterName, scope?: Uint8Array): boolean {
    return this.isPartial(adapter, scope) && this.#prefixOf(adapter) !== undefined;
  }

  /** What all wanted keys of an adapter begin with, if only parts of scopes are wanted. */
  #prefixOf(name: AdapterName): Uint8Array | undefined {
    const all = this.#partial[name]!;
    const isOnly = this.names[name]?.every((scope) => all.has(scopeKey(scope))) ??
      this.#present.filter((folder) => folder.startsWith(`${name}/`)).length === all.size;
    if (!isOnly || this.records.prefix) return isOnly ? this.records.prefix : undefined;
    const path = this.records.commonPath(name);
    const adapter = this.adapters.find((adapter) => adapter.name === name)!;
    // Adapter and scope are in ranges of their own.
    const prefix = path && adapter.keysAt(path.split("/").slice(2).join("/"));
    return prefix && prefix.length > 0 ? prefix : undefined;
  }

  /** The names that are most like those that were asked for in vain. */
  nearest(): string[] {
    const found = this.records.nearest;
    if (found.length > 0) return found.slice(0, MAX_NEAREST);
    const asked = this.records.asked.map((path) => path.split("/").slice(0, 2).join("/"));
    const near = [...new Set(asked.flatMap((path) => nearest(path, this.#present, MAX_NEAREST)))];
    return (near.length > 0 ? near : this.#present).slice(0, MAX_NEAREST);
  }

  /**
   * Whether rows that no adapter reads were asked for. Those of the store belong to a selection of
   * everything; those without a family also to one of Redis, as clients may read them there.
   */
  selectsOther({ adapter, id }: Pick<Family, "adapter" | "id">): boolean {
    if (adapter !== "system") {
      return this.adapters.some(({ name }) => name === adapter) && !this.isPartial(adapter);
    }
    return !this.selective ||
      (id === "bare" && this.adapters.includes(redis) && this.selects("redis", DATABASE) &&
        !this.isPartial("redis"));
  }
}

/** The labels of an adapter's scopes. */
function scopesIn(totals: readonly Totals[], adapter: AdapterName): Uint8Array[] {
  const scopes = new Map<string, Uint8Array>();
  for (const { family, scope, live } of totals) {
    if (family.adapter === adapter && scope && live > 0) scopes.set(scopeKey(scope), scope);
  }
  return [...scopes.values()];
}

/** The names that are meant by texts: a name itself, or all that a pattern matches. */
function namesOf(texts: readonly string[], there: readonly Uint8Array[]): Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  for (const text of texts) {
    const isThere = there.some((scope) => nameText(scope) === text);
    const names = isThere || !isPattern(text) || text.startsWith("b64:")
      ? [selectable(nameBytes(text))]
      : there.filter((scope) => new PathPattern(text).matches(nameText(scope)));
    for (const name of names) found.set(scopeKey(name), name);
  }
  return [...found.values()];
}

function selectable(name: Uint8Array): Uint8Array {
  if (!isCutLabel(name)) return name;
  throw new UsageError("what stands for a long name cannot be selected", {
    hint: "give the whole name: it has more than 1,024 bytes",
  });
}
