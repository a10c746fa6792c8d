import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { STANDARD, URL_SAFE } from "../../src/bytes/base64.ts";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { JsonWriter, PIECE, type Pieces } from "../../src/text/json_writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/text/utf8.ts";

function written(indent: boolean, html: boolean, write: (json: JsonWriter) => void): string {
  const json = new JsonWriter(new ByteBuilder(1), { indent, html });
  write(json);
  return decodeUtf8(json.out.view()) as string;
}

Deno.test("the schema of a table comes out as the dump has it", () => {
  const text = written(true, true, (json) => {
    json.beginObject();
    json.name("format_version").integer(1);
    json.name("table_name").string("t");
    json.name("primary_key").beginObject();
    json.name("hash_key").beginObject().name("name").string("id").name("type").string("S");
    json.endObject().name("range_key").beginObject().endObject().endObject();
    json.name("attribute_definitions").beginArray();
    json.beginObject().name("name").string("id").name("type").string("S").endObject();
    json.endArray().endObject();
  });
  strictEqual(
    text,
    `{
  "format_version": 1,
  "table_name": "t",
  "primary_key": {
    "hash_key": {
      "name": "id",
      "type": "S"
    },
    "range_key": {}
  },
  "attribute_definitions": [
    {
      "name": "id",
      "type": "S"
    }
  ]
}`,
  );
});

Deno.test("every kind of value is written, and a string can differ in its HTML escapes", () => {
  const write = (json: JsonWriter) => {
    json.beginArray();
    json.integer(18446744073709551615n).integer(-5).bool(true).bool(false).null().literal("1e+21");
    json.raw(encodeUtf8('xx{"a":1}'), 2).string("<").string("<", true).string("<", false);
    json.stringBytes(encodeUtf8("a<b"), 1, 2).stringBytes(Uint8Array.of(0xff));
    json.base64(STANDARD, Uint8Array.of(0xff)).base64(URL_SAFE, Uint8Array.of(1, 0xff), 1);
    json.beginArray().endArray().endArray();
  };
  strictEqual(
    written(false, true, write),
    '[18446744073709551615,-5,true,false,null,1e+21,{"a":1},"\\u003c","\\u003c","<",' +
      '"\\u003c","\\ufffd","/w==","_w",[]]',
  );
});

Deno.test("names are escaped like strings, and can differ in their HTML escapes", () => {
  const write = (json: JsonWriter) => {
    json.beginObject();
    json.name("<").null().name("<", false).null();
    json.nameBytes(encodeUtf8("&")).null().nameBytes(encodeUtf8("&"), 0, 1, false).null();
    json.endObject();
  };
  strictEqual(written(false, true, write), '{"\\u003c":null,"<":null,"\\u0026":null,"&":null}');
});

Deno.test("several documents can follow each other, with whatever the caller puts between", () => {
  const text = written(false, false, (json) => {
    json.beginObject().name("a").integer(1).endObject();
    json.out.byte(0x0a);
    json.beginObject().endObject();
    json.out.byte(0x0a);
  });
  strictEqual(text, '{"a":1}\n{}\n');
});

Deno.test("the builder can be emptied between any two calls", () => {
  const json = new JsonWriter(new ByteBuilder(1), { indent: true, html: false });
  let text = "";
  const flush = () => {
    text += decodeUtf8(json.out.view());
    json.out.clear();
  };
  json.beginArray();
  flush();
  for (let i = 0; i < 3; i++) {
    json.integer(i);
    flush();
  }
  json.endArray();
  flush();
  strictEqual(text, "[\n  0,\n  1,\n  2\n]");
});

Deno.test("both layouts are those of JSON.stringify", () => {
  const put = (json: JsonWriter, value: unknown): void => {
    if (value === null) json.null();
    else if (typeof value === "boolean") json.bool(value);
    else if (typeof value === "number") json.integer(value);
    else if (typeof value === "string") json.string(value);
    else if (Array.isArray(value)) {
      json.beginArray();
      for (const item of value) put(json, item);
      json.endArray();
    } else {
      json.beginObject();
      for (const [name, item] of Object.entries(value as object)) put(json.name(name), item);
      json.endObject();
    }
  };
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      strictEqual(written(true, false, (json) => put(json, value)), JSON.stringify(value, null, 2));
      strictEqual(written(false, false, (json) => put(json, value)), JSON.stringify(value));
    }),
    { seed: 4627, numRuns: 1000 },
  );
});

Deno.test("a long string is the same in pieces, whatever it holds and wherever it is cut", () => {
  const units = ["a", "<", "\x01", "é", "\u2028", "あ", "😀"].map(encodeUtf8);
  // Bytes that are no text, or a part of it.
  units.push(Uint8Array.of(0xff), Uint8Array.of(0x80), Uint8Array.of(0xf0, 0x9f, 0x98));
  for (const unit of units) {
    for (let shift = 0; shift < 4; shift++) {
      const bytes = new Uint8Array(60_000);
      for (let at = shift; at + unit.length <= bytes.length; at += unit.length) bytes.set(unit, at);
      for (const html of [false, true]) {
        for (const write of ["string", "base64", "name"] as const) {
          const whole = new JsonWriter(new ByteBuilder(), { indent: true, html });
          const pieces = new JsonWriter(new ByteBuilder(), { indent: true, html });
          const text = new ByteBuilder();
          const run = (part: Pieces): void => {
            while (!part.next().done) {
              text.append(pieces.out.view());
              pieces.out.clear();
            }
          };
          for (const json of [whole, pieces]) json.beginObject().name("a").integer(1);
          if (write === "name") {
            whole.nameBytes(bytes, 1).integer(1);
            run(pieces.longName(bytes, 1, bytes.length));
            pieces.integer(1);
          } else if (write === "string") {
            whole.name("b").stringBytes(bytes, 1);
            run(pieces.name("b").longString(bytes, 1, bytes.length));
          } else {
            whole.name("b").base64(STANDARD, bytes, 1);
            run(pieces.name("b").longBase64(STANDARD, bytes, 1, bytes.length));
          }
          for (const json of [whole, pieces]) json.endObject();
          text.append(pieces.out.view());
          deepStrictEqual(text.view(), whole.out.view());
        }
      }
    }
  }
});

Deno.test("a long text pauses often enough to be handed on", () => {
  const json = new JsonWriter(new ByteBuilder(), { indent: false, html: false });
  let most = 0;
  let pauses = 0;
  for (const _ of json.longString(new Uint8Array(2 << 20), 0, 2 << 20)) {
    pauses++;
    most = Math.max(most, json.out.length);
    json.out.clear();
  }
  // Each byte is written as six.
  ok(pauses >= 30 && most < 2 * PIECE, `${pauses} pauses, ${most} bytes at most`);
});
