/** How many items tables have. @module */

import { isCutLabel } from "../../keyspace/scope_labels.ts";
import type { AdapterContext } from "../context.ts";
import { known, ScopeCounts, type ScopeThings } from "../things.ts";
import { readItemRows } from "./rows.ts";
import { type Table, Tables } from "./scopes.ts";

/** Items by table. Those of a table that is being moved are gone through: some are there twice. */
export async function things(context: AdapterContext): Promise<ScopeThings[]> {
  const tables = await Tables.read(context);
  const all: ScopeThings[] = [];
  for (const counts of ScopeCounts.of("dynamodb", context.totals)) {
    const { scope } = counts;
    const table = isCutLabel(scope) ? "unsound" : tables.find(scope);
    if (typeof table === "string") {
      const state = table === "unsound" ? "live" : table;
      all.push({ scope, state, things: known({ items: counts.live("ddb-item") }) });
    } else {
      const items = await itemsOf(context, tables, table, counts);
      all.push({ scope, state: "live", things: known({ items }) });
    }
  }
  return all;
}

async function itemsOf(
  context: AdapterContext,
  tables: Tables,
  { generation, source }: Table,
  counts: ScopeCounts,
): Promise<number | undefined> {
  const of = (wanted: bigint): number | undefined =>
    counts.ofGenerations("ddb-item", (one) => one.generation === wanted);
  const items = of(generation);
  const moved = source && of(source.number);
  if (moved === undefined || moved === 0 || items === 0) return moved || items;
  const within = context.selecting("dynamodb", { scopes: [counts.scope] });
  let sum = 0;
  for await (const { rows } of readItemRows(within, tables, {})) sum += rows.length;
  return sum;
}
