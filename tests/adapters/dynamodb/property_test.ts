/** Random tables and items against a second, naive reading of the rules. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  canonical,
  plainPath,
  readable,
  rowsOf,
  segment,
  type World,
  type Write,
} from "./naive.ts";
import type { AttributeValue, Item } from "./rows.ts";
import { type Dump, dump } from "./support.ts";
import { text } from "../../support/generator/encoding.ts";

const SEED = 20260822;
const RUNS = 150;

/** Names that mean something to file systems, to JavaScript, or to the forms of names. */
const NAMES = [
  "a",
  "A",
  "ab",
  "5",
  "1%2F2",
  "a/b",
  "a\0",
  "a\0b",
  ".",
  "..",
  "x.json",
  "b64.YQ",
  "é",
  "😀",
  "__proto__",
  "0123456789abcdef0123456789ABCDEF__x",
  "k".repeat(241),
];
const NUMBERS = [
  ...["0", "-0", "0.0", "1", "1.0", "01", "+1", "1e0", "10e-1", "-1", "-1.00", "0.5", ".5", "5e-1"],
  ...["100", "1e2", "250.50", "-12", "-12.5", "1E-130", "9".repeat(38), "1e300"],
  ...["abc", "", " 1", "1,5", "--1", "1e"],
];
const BINARIES = ["", "YQ==", "YWI=", "AA==", "AP8=", "NQ==", text("k".repeat(241)).toBase64()];

const string = fc.constantFrom(...NAMES, "");
const number = fc.constantFrom(...NUMBERS);
const binary = fc.constantFrom(...BINARIES);

/** Mostly of the declared type: the server does not check it. */
function keyValue(type: string): fc.Arbitrary<AttributeValue> {
  const kinds: Record<string, fc.Arbitrary<AttributeValue>> = {
    S: string.map((S) => ({ S })),
    N: number.map((N) => ({ N })),
    B: binary.map((B) => ({ B })),
  };
  return fc.oneof({ arbitrary: kinds[type], weight: 8 }, ...Object.values(kinds));
}

const anyText = fc.oneof(string, fc.string({ unit: "grapheme", maxLength: 6 }));

const { item } = fc.letrec<{ value: AttributeValue; item: Item }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    anyText.map((S) => ({ S })),
    fc.oneof(number, anyText).map((N) => ({ N })),
    fc.uint8Array({ maxLength: 7 }).map((bytes) => ({ B: bytes.toBase64() })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.boolean().map((NULL) => ({ NULL })),
    fc.array(anyText, { maxLength: 3 }).map((SS) => ({ SS })),
    fc.array(number, { maxLength: 3 }).map((NS) => ({ NS })),
    fc.array(binary, { maxLength: 3 }).map((BS) => ({ BS })),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
    tie("item").map((M) => ({ M })),
  ),
  item: fc.dictionary(anyText, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));

const type = fc.constantFrom("S", "S", "N", "B");

const world: fc.Arbitrary<World> = fc.record({
  name: fc.constantFrom(...NAMES),
  hashType: type,
  rangeType: fc.option(type, { nil: undefined }),
  version: fc.constantFrom(0, 1, 2, 2, 3),
  generation: fc.constantFrom(1, 2, 9, 10),
  from: fc.constantFrom(0, 0, 1, 2, 9),
  exists: fc.constantFrom(true, true, true, false),
  counted: fc.boolean(),
}).chain(({ name, hashType, rangeType, version, generation, from, exists, counted }) => {
  // Servers begin to move a table by giving it ordered keys.
  const shape = {
    hash: "id",
    range: rangeType ? "sort" : "",
    types: { id: hashType, ...(rangeType ? { sort: rangeType } : {}) },
    version: from === 0 ? version : 2,
    generation,
    from,
  };
  const write: fc.Arbitrary<Write> = fc.record({
    generation: fc.constantFrom(generation, generation, from || generation, from || 7, 3),
    id: keyValue(hashType),
    sort: fc.oneof(fc.constant<AttributeValue>({ S: "x" }), keyValue(rangeType ?? "S")),
    more: fc.option(item, { nil: undefined, freq: 5 }),
    json: fc.boolean(),
  });
  return fc.array(write, { minLength: 10, maxLength: 60, size: "max" })
    .map((writes) => ({ name, shape, exists, counted, writes }));
});

const worlds = fc.uniqueArray(world, {
  selector: ({ name }) => name,
  minLength: 1,
  maxLength: 3,
});

Deno.test(`random tables have the items that clients read (seed ${SEED}, ${RUNS} runs)`, async () => {
  console.log(`fast-check seed ${SEED}`);
  await fc.assert(
    fc.asyncProperty(worlds, async (worlds) => {
      const dumped = await dump(rowsOf(worlds));
      deepStrictEqual(dumped.wrong, []);
      const folders = worlds.filter(({ exists }) => exists).map(({ name }) => folderOf(name));
      const schemas = Object.keys(dumped.tree).filter((path) => path.endsWith("/_schema.json"));
      deepStrictEqual(schemas.sort(), folders.map((folder) => `${folder}_schema.json`).sort());
      for (const world of worlds) checkTable(world, dumped);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

function folderOf(name: string): string {
  return `dynamodb/${segment(text(name))}/`;
}

function checkTable(world: World, { tree, bundles, records }: Dump): void {
  const items = readable(world);
  const expected = items.map(canonical).sort();
  const folder = `${folderOf(world.name)}items/`;
  const files = Object.keys(tree).filter((path) => path.startsWith(folder));
  const found = files.map((path) => canonical(JSON.parse(tree[path])));
  deepStrictEqual(found.sort(), expected, "files");
  const lines = Object.entries(bundles).filter(([path]) => path.startsWith(folder))
    .flatMap(([, lines]) => lines);
  deepStrictEqual(lines.map((line) => canonical(JSON.parse(line).Item)).sort(), expected, "lines");
  const recorded = records.map((line) => JSON.parse(line))
    .filter(({ type, scope }) => type === "item" && scope === world.name);
  deepStrictEqual(recorded.map(({ value }) => canonical(value)).sort(), expected, "records");
  checkPaths(world, items, files.map((path) => path.slice(folder.length)), tree, folder);
}

/** Every file has the name that its item should have, but for what tells two of one name apart. */
function checkPaths(
  world: World,
  items: Item[],
  paths: string[],
  tree: Record<string, string>,
  folder: string,
): void {
  for (const path of paths) {
    const item = JSON.parse(tree[folder + path]);
    strictEqual(path.replace(/~[0-9a-f]{8}(?=\/|\.json$)/, ""), plainPath(world, item));
  }
  const wanted = new Set(items.map((item) => plainPath(world, item)));
  const isFolder = (path: string): boolean =>
    [...wanted].some((other) => other.startsWith(path + "/"));
  for (const path of wanted) {
    if (isFolder(path) || isFolder(path.split("/")[0]) && wanted.has(path.split("/")[0])) continue;
    ok(paths.includes(path), `nothing has the name ${path}`);
  }
}
