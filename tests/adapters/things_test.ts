import { ok } from "node:assert/strict";
import { ADAPTERS } from "../../src/commands/selection.ts";
import { inspect } from "../../src/commands/inspect.ts";
import { decodeWith } from "../support/decode.ts";
import { generate } from "../support/generator/mod.ts";
import { forSeeds } from "../support/generator/seeds.ts";
import { openInputs } from "../support/naive/agree.ts";

const NAMES: { readonly [type: string]: string } = {
  item: "items",
  object: "objects",
  string: "strings",
  hash: "hashes",
  list: "lists",
  set: "sets",
  zset: "zsets",
  stream: "streams",
  hll: "hyperloglogs",
  message: "messages",
};
const COLLECTIONS = new Set(["hashes", "hyperloglogs", "lists", "sets", "zsets"]);
const SCOPES = new Set(["table", "bucket", "db", "queue"]);

/** What the lines of all records say that there is, by adapter and scope. */
async function counted(
  file: Uint8Array,
  at: bigint | undefined,
): Promise<Map<string, Record<string, number>>> {
  const all = new Map<string, Record<string, number>>();
  for (const adapter of ADAPTERS) {
    const { lines } = await decodeWith(adapter, file, { at, records: true });
    for (const line of new TextDecoder().decode(lines).split("\n").slice(0, -1)) {
      const { scope, type, value } = JSON.parse(line);
      const key = `${adapter.name} ${scope}`;
      const things = all.get(key) ?? {};
      all.set(key, things);
      if (SCOPES.has(type)) continue;
      // Whether an empty collection counts depends on how it is stored; no client can see it.
      if (type !== "stream" && Array.isArray(value) && value.length === 0) {
        things.empty = (things.empty ?? 0) + 1;
        continue;
      }
      things[NAMES[type] ?? type] = (things[NAMES[type] ?? type] ?? 0) + 1;
    }
  }
  return all;
}

Deno.test("what there is of each scope is as many as its records", async () => {
  const seen: Record<string, number> = {};
  await forSeeds(41_000, 15, async (seed) => {
    const generated = generate(seed, { size: 30, transactions: seed % 3 });
    const { moments } = generated;
    for (const at of [undefined, moments[moments.length >> 1]]) {
      const file = generated.file();
      const expected = await counted(file, at);
      const { scopes } = await inspect(await openInputs([{ bytes: file }], { at }));
      for (const [scope, things] of expected) {
        const found = scopes.find((one) => `${one.adapter} ${one.scope}` === scope)!;
        const { uploads: _, ...others } = found.things!;
        const { empty = 0, ...full } = things;
        for (const name of new Set([...Object.keys(others), ...Object.keys(full)])) {
          const [n, least] = [others[name] ?? 0, full[name] ?? 0];
          const most = COLLECTIONS.has(name) ? least + empty : least;
          ok(n >= least && n <= most, `${scope}: ${n} ${name}, not ${least} to ${most}`);
        }
        for (const [name, n] of Object.entries(things)) seen[name] = (seen[name] ?? 0) + n;
      }
    }
  });
  for (const name of Object.values(NAMES)) ok(seen[name] > 20, `${seen[name]} ${name}`);
});
