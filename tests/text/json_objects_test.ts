import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { JsonObjects } from "../../src/text/json_objects.ts";
import { items, type JsonNode, parseJson } from "../../src/text/json_reader.ts";
import { encodeUtf8 } from "../../src/text/utf8.ts";

Deno.test("objects are kept by their places, however many, and can be gone through again", () => {
  for (const count of [0, 1, 2, 3, 1000]) {
    const text = encodeUtf8(` [${Array.from({ length: count }, (_, i) => `{"${i}":${i}}`)}]`);
    const expected: JsonNode[] = [...items(parseJson(text, 0, text.length))];
    const objects = new JsonObjects();
    for (const node of expected) objects.push(node);
    strictEqual(objects.length, count);
    for (let again = 0; again < 2; again++) {
      deepStrictEqual(
        [...objects].map(({ kind, start, end }) => [kind, start, end]),
        expected.map(({ kind, start, end }) => [kind, start, end]),
      );
    }
  }
});
