import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { sortedMembers } from "../../src/text/json_members.ts";
import { asString, asUint64, items, parseJson } from "../../src/text/json_reader.ts";
import { compareUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

const SEED = 20_260_825;

const name = fc.constantFrom("a", "b", "ab", "é", "\uffff", "😀", '"', "", "\\u0061");

/** A name as JSON, in one of its spellings. */
const spelled = fc.tuple(name, fc.boolean()).map(([name, escaped]) =>
  escaped
    ? `"${
      [...Array(name.length)].map((_, i) =>
        "\\u" + name.charCodeAt(i).toString(16).padStart(4, "0")
      ).join("")
    }"`
    : JSON.stringify(name)
);

Deno.test(`members come in the order of their names, and the last of a name counts (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.array(spelled, { maxLength: 6 }), { maxLength: 3 }), (objects) => {
      let number = 0;
      const text = objects.map((names) =>
        `{ ${names.map((n) => `${n} :${number++}`).join(" , ")} }`
      );
      const nodes = [...items(parseJson(encodeUtf8(`[${text.join(",")}]`)))];
      const expected = new Map<string, bigint>();
      objects.flat().forEach((n, i) => expected.set(JSON.parse(n), BigInt(i)));
      deepStrictEqual(
        [...sortedMembers(nodes)].map(({ name, value }) => [asString(name), asUint64(value)]),
        [...expected].sort(([a], [b]) => compareUtf8(a, b)),
      );
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});
