/**
 * The rows of items, table by table: which of them are alive in their table, and in which order they
 * come.
 *
 * @module
 */

import { ITEM_KEY_COLUMNS, ITEM_KEY_OK } from "../../kernels/kernels.ts";
import { FAMILY } from "../../keyspace/families.ts";
import type { RowBatch } from "../../mvcc/row_batch.ts";
import type { AdapterContext } from "../context.ts";
import { migrationSurvivors } from "./migration.ts";
import { ITEM_KEY_REASONS } from "./item_key_reasons.ts";
import type { Table, Tables } from "./tables.ts";

/** Rows of one table in one batch, all of them items that a client can read. */
export interface ItemRows {
  table: Table;
  batch: RowBatch;
  /** The rows' places in the batch, ascending. */
  rows: number[];
  /** Whether they are from the generation that the table is being moved from. */
  fromSource: boolean;
}

interface Stale {
  table: Table;
  count: number;
}

/**
 * Walks the rows of items under a prefix in stored order. Rows that are no items of a table to be read
 * get their fate here; the rows that are given must get theirs from the caller.
 */
export async function* readItemRows(
  context: AdapterContext,
  tables: Tables,
  prefix: Uint8Array = FAMILY["ddb-item"].bytes,
): AsyncGenerator<ItemRows> {
  const orphans = new Map<string, number>();
  let stale: Stale | undefined;
  let segment = "";
  let owner: ReturnType<Tables["find"]>;
  let survivors: Survivors | undefined;

  for await (const batch of context.scan(prefix)) {
    const keys = context.kernels.parseItemKeys(batch);
    let run: ItemRows | undefined;
    for (let i = 0; i < batch.count; i++) {
      const k = i * ITEM_KEY_COLUMNS;
      if (keys[k] !== ITEM_KEY_OK) {
        context.refuse(batch, i, "malformed-key", ITEM_KEY_REASONS[keys[k]]);
        continue;
      }
      if (!isText(segment, batch.bytes, keys[k + 1], keys[k + 2])) {
        if (run) yield run;
        run = undefined;
        if (stale) warnStale(context, stale);
        stale = undefined;
        segment = String.fromCharCode(...batch.bytes.subarray(keys[k + 1], keys[k + 2]));
        owner = tables.find(segment);
        survivors = typeof owner === "object" && owner.source !== undefined
          ? new Survivors(await migrationSurvivors(context, owner, segment))
          : undefined;
      }
      if (typeof owner !== "object") {
        if (owner === undefined || owner === "deleted") {
          orphans.set(segment, (orphans.get(segment) ?? 0) + 1);
        }
        await context.leave(batch, i, owner ?? "orphan");
        continue;
      }
      const generation = (BigInt(keys[k + 3]) << 32n) | BigInt(keys[k + 4]);
      const fromSource = generation === owner.source;
      if (fromSource && !survivors!.next()) {
        await context.leave(batch, i, "hidden");
        continue;
      }
      if (!fromSource && generation !== owner.schema.generation) {
        stale ??= { table: owner, count: 0 };
        stale.count++;
        await context.leave(batch, i, "stale-generation");
        continue;
      }
      if (run && run.fromSource !== fromSource) {
        yield run;
        run = undefined;
      }
      run ??= { table: owner, batch, rows: [], fromSource };
      run.rows.push(i);
    }
    if (run) yield run;
  }
  if (stale) warnStale(context, stale);
  for (const [encoded_table, buffered_items] of orphans) {
    context.warn("ddb_orphan_items", { encoded_table, buffered_items });
  }
}

/** One bit a row of the source generation, in stored order. */
class Survivors {
  readonly #bits: Uint8Array;
  #at = 0;

  constructor(bits: Uint8Array) {
    this.#bits = bits;
  }

  next(): boolean {
    const at = this.#at++;
    return (this.#bits[at >> 3] & (1 << (at & 7))) !== 0;
  }
}

function warnStale(context: AdapterContext, { table, count }: Stale): void {
  context.warn("ddb_stale_generation_items", {
    table: table.schema.tableName,
    active_generation: table.schema.generation,
    migration_source_generation: table.source ?? 0n,
    stale_count: count,
    hint: "items of an older generation of the table; clients cannot read them",
  });
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
