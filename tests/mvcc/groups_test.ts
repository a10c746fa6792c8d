/** What is kept of the catalog of routes. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  buildRoute,
  groupOf,
  type Route,
  ROUTE_BOUND_LENGTH,
  routeRowKey,
} from "../../src/keyspace/dist_keys.ts";
import { readRoutes } from "../../src/mvcc/groups.ts";
import { openSnapshotInputs } from "../../src/mvcc/snapshot.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { bytesOf, stream, type TestEntry } from "../support/stream.ts";

function row(route: Partial<Route> & { id: bigint }, ts = 1n): TestEntry {
  const start = new Uint8Array(0);
  const whole = { group: 1n, state: 0, parent: 0n, start, splitTime: 0n, ...route };
  return { key: routeRowKey(route.id), value: buildRoute(whole), ts };
}

async function opened(rows: TestEntry[]) {
  const snapshot = await openSnapshotInputs([{ source: new BytesSource(stream(rows)), group: 1n }]);
  return { snapshot, routes: await readRoutes(snapshot, undefined) };
}

const bytes = (routes: readonly Route[]): number =>
  routes.reduce(
    (n, { start, end }) => n + start.buffer.byteLength + (end?.buffer.byteLength ?? 0),
    0,
  );

Deno.test("of bounds as long as keys can be, the beginning is kept, and nothing is said where it does not tell", async () => {
  const long = (last: string): Uint8Array => bytesOf("m".repeat(1 << 20) + last);
  const { routes } = await opened([
    row({ id: 1n, group: 1n, end: long("5") }),
    row({ id: 2n, group: 2n, start: long("5") }),
  ]);
  strictEqual(bytes(routes), 2 * ROUTE_BOUND_LENGTH);
  const at = (key: string): bigint | undefined => groupOf(routes, bytesOf(key));
  strictEqual(at("a"), 1n);
  strictEqual(at("m".repeat(ROUTE_BOUND_LENGTH - 1)), 1n);
  strictEqual(at("m".repeat(ROUTE_BOUND_LENGTH)), undefined);
  strictEqual(at("m".repeat(1 << 20)), undefined);
  strictEqual(at("m".repeat(1 << 20) + "9"), undefined);
  strictEqual(at("m".repeat(ROUTE_BOUND_LENGTH - 1) + "n"), 2n);
  strictEqual(at("z"), 2n);
});

Deno.test("of more routes than are kept, all groups are known", async () => {
  const bound = (i: number): Uint8Array => bytesOf(String(i).padStart(8, "0").padEnd(1000, "-"));
  for (const count of [5000, 10_000, 20_000]) {
    const rows = Array.from({ length: count }, (_, i) => {
      const group = i < count - 50 ? 1n : 2n + BigInt(i % 3);
      return row({ id: BigInt(i), group, start: bound(i), end: bound(i + 1) }, i % 2 ? 1n : 7n);
    });
    const { snapshot, routes } = await opened(rows);
    deepStrictEqual(snapshot.info.groups.known, [1n, 2n, 3n, 4n]);
    ok(routes.some(({ commitTs }) => commitTs > 1n));
    ok(bytes(routes) <= 16 << 20, `${bytes(routes)} bytes`);
    ok(routes.length < 7100);
    strictEqual(groupOf(routes, bound(10)), 1n);
    // Of groups that are told by a range, none is told wrong.
    const last = groupOf(routes, bound(count - 1));
    strictEqual(last, count === 5000 ? 2n + BigInt((count - 1) % 3) : undefined);
  }
});
