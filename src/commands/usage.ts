/**
 * What takes up the space of a snapshot: the largest tables, buckets, databases and queues, the largest
 * beginnings of names, and the largest keys. All stored versions count, dead ones among them.
 *
 * @module
 */

import { readTable, type Table } from "../adapters/dynamodb/scopes.ts";
import { compareBytes } from "../bytes/compare.ts";
import { segmentContents, segmentEnd } from "../bytes/segments.ts";
import { clientKeyParts } from "../keyspace/client_keys.ts";
import { UsageError } from "../errors.ts";
import { type Adapter, FAMILIES, type Family, familyRanges } from "../keyspace/families.ts";
import { numberOfOrdered } from "../keyspace/ordered_number.ts";
import { isCutLabel } from "../keyspace/scope_labels.ts";
import { scopeRanges } from "../keyspace/scopes.ts";
import type { KeyRange } from "../mvcc/key_range.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { nameText } from "../text/name_text.ts";
import { encodeUtf8 } from "../text/utf8.ts";
import { encodeSegment } from "../tree/segment.ts";
import type { HeavyKeys, Watched } from "./heavy_keys.ts";
import { checkSelected } from "./looking.ts";
import type { SelectOptions } from "./select_options.ts";
import { Selection } from "./selection.ts";
import {
  type Measure,
  type Named,
  type Owner,
  type Usage,
  UsageMeter,
  weightOf,
} from "./usage_meter.ts";

/**
 * How space is measured, and of what: whole tables, buckets, databases and queues can be selected, and no
 * parts of them.
 */
export interface UsageOptions extends SelectOptions {
  /** What the lists are sorted by: bytes, versions, or bytes of garbage; `bytes`. */
  by?: Measure;
  /** How many separators the beginning of a name has: `/` in S3, `:` in Redis; 1, and 0 = no such list. */
  depth?: number;
  /** Longest that the lists of beginnings and of keys may be; 10. */
  top?: number;
  /** Stops it when it fires. */
  signal?: AbortSignal;
  /** Called now and then with the versions that were counted, and with all that there are. */
  progress?: (done: number, total: number) => void;
}

/** A table, bucket, database or queue, or a family of rows that belong to none. */
export interface ScopeUsage extends Usage {
  /** Whose rows they are. */
  adapter: Adapter;
  /** Name of the table, bucket, database or queue. */
  scope?: string;
  /** Id of the key family, where there is no scope; `store` for rows of the store itself. */
  family?: string;
}

/** A key as a client knows it, or the beginning that the names of several have. */
export interface NameUsage extends Usage {
  /** Whose it is. */
  adapter: Adapter;
  /** Name of the table, bucket, database or queue that it is in. */
  scope: string;
  /** Its name: of an item its key attributes, escaped as in paths and numbers by their digits. */
  name: string;
  /** How much more there may be of it, of what the list is sorted by; 0 = the numbers are exact. */
  missed: number;
}

/** What takes up the space of a snapshot. The lists begin with the largest. */
export interface UsageReport {
  /** What they are sorted by. */
  by: Measure;
  /** All of it. */
  total: Usage;
  /** Every one, exactly. */
  scopes: ScopeUsage[];
  /** The largest beginnings of names. */
  prefixes: NameUsage[];
  /** The largest keys. */
  keys: NameUsage[];
}

/**
 * Measures what takes up space: one walk over all entries. Memory is bounded: each of the lists of names
 * is drawn from 8,192 that are watched, and says of each how much of it may have gone by unwatched. While
 * there are no more names than that, all numbers are exact.
 *
 * @throws {UsageError} when parts of tables, buckets, databases or queues are selected.
 * @throws {NothingSelectedError} when nothing is selected.
 */
export async function usage(
  snapshot: Snapshot,
  options: UsageOptions = {},
): Promise<UsageReport> {
  const { by = "bytes", depth = 1, top = 10, signal, progress } = options;
  const selection = new Selection(options, snapshot.info.totals);
  const all = snapshot.info.totals.reduce((sum, { versions }) => sum + versions, 0);
  const meter = new UsageMeter(by, depth);
  for (const range of rangesOf(selection)) {
    for await (const entries of snapshot.versions(range, { signal })) {
      meter.add(entries);
      progress?.(Math.min(meter.total.versions, all), all);
    }
  }
  meter.finish();
  checkSelected(selection, options, snapshot.info);
  const namesOf = async (list: HeavyKeys<Named>): Promise<NameUsage[]> => {
    const named: NameUsage[] = [];
    for (const watched of list.heaviest(top)) {
      if (weightOf(watched.amount, by) > 0) named.push(await nameUsage(snapshot, watched, signal));
    }
    return named;
  };
  const scopes = meter.owners.map(scopeUsage);
  const { store, total } = meter;
  if (store.versions > 0) scopes.push({ adapter: "system", family: "store", ...store });
  return {
    by,
    total,
    scopes: scopes.sort((a, b) => weightOf(b, by) - weightOf(a, by)),
    prefixes: await namesOf(meter.prefixes),
    keys: await namesOf(meter.keys),
  };
}

/** Where the stored versions of what is selected lie, dead ones among them. */
function rangesOf(selection: Selection): KeyRange[] {
  if (!selection.selective) return [{ from: new Uint8Array(0) }];
  const ranges = selection.adapters.flatMap(({ name: adapter }) => {
    if (selection.isPartial(adapter)) {
      throw new UsageError("only whole tables, buckets, databases and queues are measured", {
        hint: "select tables, buckets, databases and queues, and nothing that is in them",
      });
    }
    const names = selection.names[adapter];
    return FAMILIES.filter((family) => family.adapter === adapter).flatMap((family) =>
      names ? names.flatMap((name) => scopeRanges(family, name)) : familyRanges(family)
    );
  }).sort((a, b) => compareBytes(a.from, b.from));
  // Families lie within others: their ranges as well.
  let end: Uint8Array = new Uint8Array(0);
  return ranges.filter(({ from, to }) => {
    if (to && compareBytes(to, end) <= 0) return false;
    if (compareBytes(from, end) < 0) throw new Error("ranges of families are nested or apart");
    if (to) end = to;
    return true;
  });
}

function scopeUsage({ family: { adapter, id }, scope, usage }: Owner): ScopeUsage {
  return scope ? { adapter, scope: nameText(scope), ...usage } : { adapter, family: id, ...usage };
}

async function nameUsage(
  rows: Snapshot,
  { amount, missed }: Watched<Named>,
  signal: AbortSignal | undefined,
): Promise<NameUsage> {
  const { family, owner: { scope }, name, ...usage } = amount;
  const table = family.id === "ddb-item"
    ? (await readTable({ rows, signal }, scope!))?.table
    : undefined;
  return {
    adapter: family.adapter,
    scope: nameText(scope!),
    name: isCutLabel(name) ? nameText(name) : shownName(family, name, table),
    ...usage,
    missed,
  };
}

/** A name, or the beginning of one, as people write it. */
function shownName(family: Family, name: Uint8Array, table: Table | undefined): string {
  if (family.adapter === "s3" && segmentEnd(name, 0, name.length) < 0) {
    // The beginning of a segment, without its end.
    return nameText(segmentContents(name, 0, name.length + 2));
  }
  const parts = clientKeyParts(family, name);
  if (family.adapter !== "dynamodb") return nameText(parts[0]);
  const texts = parts.map((part, i) => {
    const attribute = i === 0 ? table?.hash : table?.range;
    const isNumber = attribute?.type === "N" && table!.keyEncodingVersion >= 2n;
    const number = isNumber ? numberOfOrdered(part) : undefined;
    return encodeSegment(number === undefined ? part : encodeUtf8(number));
  });
  return texts.length === 1 && table?.range ? `${texts[0]}/` : texts.join("/");
}
