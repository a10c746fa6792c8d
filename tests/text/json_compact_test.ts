import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { appendCompact } from "../../src/text/json_compact.ts";
import { parseJson } from "../../src/text/json_reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

function compacted(json: string): string {
  const out = new ByteBuilder();
  appendCompact(out, parseJson(encodeUtf8(json)));
  return decodeUtf8(out.view()) as string;
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
