/**
 * The paths of the items of one table that may clash, decided from all items of the table: where only some
 * of them are wanted, they have the paths that they have in a dump of everything.
 *
 * It goes through the table twice, and it is needed where key attributes have other types than the table
 * declares, or legacy keys spell one number in two ways: hardly ever.
 *
 * @module
 */

import { compareBytes } from "../../bytes/compare.ts";
import { toHex } from "../../bytes/hex.ts";
import { rowKey } from "../../mvcc/row_batch.ts";
import { PathSet } from "../../tree/path_set.ts";
import type { AdapterContext } from "../context.ts";
import type { ItemNames } from "./names.ts";
import { readItemRows } from "./rows.ts";
import type { Tables } from "./scopes.ts";
import { ItemReader } from "./values.ts";

/** Decides about one table. */
export class ClashPlan {
  readonly #paths = new Map<string, string>();

  /**
   * Goes through the items. Those that may clash take about 400 bytes of memory each.
   *
   * @param name Raw name of the table.
   */
  static async of(
    context: AdapterContext,
    tables: Tables,
    name: Uint8Array,
    names: ItemNames,
  ): Promise<ClashPlan> {
    const within = context.silent().selecting("dynamodb", { scopes: [name] });
    const waiting: { key: Uint8Array; path: string }[] = [];
    for await (const { path, key, mayClash } of itemPaths(within, tables, names)) {
      if (mayClash) waiting.push({ key: key.slice(), path });
    }
    const natural = new Set(waiting.map(({ path }) => path));
    const taken = new PathSet();
    for await (const { path, mayClash } of itemPaths(within, tables, names)) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      if (!mayClash && (natural.has(path) || natural.has(folder))) taken.take(path);
    }
    const plan = new ClashPlan();
    for (const { key, path } of waiting.sort((a, b) => compareBytes(a.key, b.key))) {
      const own = [path, ...names.others(path, key)].find((path) => taken.take(path));
      if (own !== undefined) plan.#paths.set(toHex(key), own);
    }
    return plan;
  }

  /** The path of an item that may clash. */
  pathOf(key: Uint8Array): string | undefined {
    return this.#paths.get(toHex(key));
  }
}

/** The natural paths of all items of a table, each valid until the next one. */
async function* itemPaths(
  context: AdapterContext,
  tables: Tables,
  names: ItemNames,
): AsyncGenerator<{ path: string; key: Uint8Array; mayClash: boolean }> {
  for await (const { batch, rows, legacyKeys } of readItemRows(context, tables, {})) {
    const reader = new ItemReader(context.kernels, names.readerForm);
    for (const items of reader.read(batch, rows, () => {})) {
      for (let i = 0; i < items.count; i++) {
        const { path, mayClash } = names.of(items, i, legacyKeys);
        yield { path, mayClash, key: rowKey(batch, items.rows[i]) };
      }
    }
  }
}
