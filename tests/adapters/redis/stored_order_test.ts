/** Elements come in the order of their names' bytes, in whatever order they are stored. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { compareBytes } from "../../../src/bytes/compare.ts";
import { Random } from "../../support/generator/mod.ts";
import { randomSeed } from "../../support/random_seed.ts";
import type { TestEntry } from "../../support/stream.ts";
import { cat, double, dump, itemKey, latin1, sized } from "./support.ts";

/** Bytes of which timestamps begin with FE: only FE and FF can sort behind one. */
const ALPHABET = [0x00, 0x31, 0x31, 0x32, 0xfd, 0xfe, 0xfe, 0xff];

/** Byte strings that are the beginnings of others, often many times over. */
function names(random: Random, count: number, longest: number): Uint8Array[] {
  const all = new Map<string, Uint8Array>();
  while (all.size < count) {
    const length = random.below(longest + 1);
    const name = Uint8Array.from({ length }, () => ALPHABET[random.below(ALPHABET.length)]);
    all.set(latin1(name), name);
  }
  return [...all.values()];
}

Deno.test("fields and members that are the beginnings of others come before these", async () => {
  const random = new Random(randomSeed());
  for (let round = 0; round < 20; round++) {
    const rows: TestEntry[] = [];
    const wanted: Record<string, string[]> = {};
    for (
      const [prefix, command] of [["!hs|fld|", "HSET"], ["!st|mem|", "SADD"], ["!zs|mem|", "ZADD"]]
    ) {
      for (const end of names(random, 3, 2)) {
        const name = cat(command, end);
        const fields = names(random, 1 + random.below(40), 11);
        for (const field of fields) {
          const length = random.below(30) === 0 ? 70_000 : random.below(20);
          const value = command === "ZADD"
            ? double(1)
            : "v".repeat(command === "SADD" ? 0 : length);
          rows.push({ key: sized(prefix, name, field), value });
        }
        wanted[`${command} ${latin1(name)}`] = fields.sort(compareBytes).map(latin1);
      }
    }
    const { commands, fates, wrong } = await dump(rows);
    const found = commands.map(([command, name, ...rest]) => [
      `${command} ${name}`,
      command === "SADD" ? rest : rest.filter((_, i) => i % 2 === (command === "HSET" ? 0 : 1)),
    ]);
    deepStrictEqual(Object.fromEntries(found), wanted);
    deepStrictEqual(wrong, []);
    deepStrictEqual(fates, { "redis written": rows.length });
  }
});

Deno.test("of a row that is refused, nothing is said twice, wherever it is stored", async () => {
  const { wrong, fates, tree } = await dump([
    { key: sized("!zs|mem|", "z", "a"), value: "short" },
    { key: sized("!zs|mem|", "z", "ab"), value: double(1) },
    { key: sized("!zs|mem|", "z", ""), value: double(2) },
    { key: cat("!zs|mem|", "\0\0\0\x09z"), value: double(2) },
  ]);
  deepStrictEqual(wrong, ["malformed-value", "malformed-key"]);
  deepStrictEqual(fates, { "redis unsound": 2, "redis written": 2 });
  deepStrictEqual(
    JSON.parse(tree["zsets/z.json"]).members.map(({ member }: { member: string }) => member),
    ["", "ab"],
  );
});

Deno.test("the items of a long list come in their order, whatever lies among them", async () => {
  const rows: TestEntry[] = [];
  const item = (name: string, place: bigint, value: string): void => {
    rows.push({ key: itemKey(Uint8Array.from(name, (c) => c.charCodeAt(0)), place), value });
  };
  const value = "i".repeat(1000);
  // The items of these lie between those of "q", behind the first 64 KiB of them.
  const among = ["q\x80\0\0\0\0\0\x01", "q\x80\0\0\0\0\0\x01\x80"];
  for (let i = 0n; i < 1000n; i++) item("q", i, i + value);
  for (const name of among) for (let i = 0n; i < 200n; i++) item(name, i, i + value);
  item("p", 0n, "one");
  const { commands, fates } = await dump(rows);
  const items = new Map<string, string[]>();
  for (const [, name, ...rest] of commands) {
    items.set(name, [...items.get(name) ?? [], ...rest]);
  }
  const all = (count: number): string[] => Array.from({ length: count }, (_, i) => i + value);
  deepStrictEqual(items.get("q"), all(1000));
  for (const name of among) deepStrictEqual(items.get(name), all(200));
  deepStrictEqual(items.get("p"), ["one"]);
  strictEqual(fates["redis written"], rows.length);
});
