import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { compact } from "../../src/text/json_compact.ts";
import { parseJson } from "../../src/text/json_reader.ts";
import { JsonWriter } from "../../src/text/json_writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

function compacted(json: string): string {
  const out = new ByteBuilder();
  const text = new ByteBuilder();
  const writer = new JsonWriter(out, { indent: true, html: true }).beginArray();
  for (const _ of compact(writer, parseJson(encodeUtf8(json)))) {
    text.append(out.view());
    out.clear();
  }
  text.append(out.view());
  strictEqual(decodeUtf8(text.view(), 0, 4), "[\n  ");
  return decodeUtf8(text.view(), 4) as string;
}

Deno.test("only the space outside strings goes; escapes, numbers and order stay", () => {
  strictEqual(
    compacted(' { "b" : "\\u003c \\" \\\\" ,\n\t"a" : [ 1.50 , -0 , 1E5 , true , null ] } '),
    '{"b":"\\u003c \\" \\\\","a":[1.50,-0,1E5,true,null]}',
  );
});

Deno.test("an indented text becomes the one without spaces", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      strictEqual(compacted(JSON.stringify(value, null, " \t")), JSON.stringify(value));
    }),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("a long value is copied in pieces, wherever they end", () => {
  const members = Array.from({ length: 60_000 }, (_, i) => ({ [`a"\\ ${i}`]: [i, " \n"] }));
  strictEqual(compacted(JSON.stringify(members, null, 3)), JSON.stringify(members));
  const long = ` "${' \\" '.repeat(100_000)}" `;
  strictEqual(compacted(long), long.trim());
});
