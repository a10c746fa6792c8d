import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { AdapterModule, RecordSink } from "../../src/adapters/adapter.ts";
import type { AdapterContext } from "../../src/adapters/context.ts";
import { RecordStream } from "../../src/commands/record_stream.ts";

const LINES = [
  '{"adapter":"redis","scope":"0","type":"db"}',
  '{"adapter":"redis","scope":"0","type":"string","key":"a\\",\\"value\\":","value":",\\"value\\":"}',
  '{"adapter":"redis","scope":"0","type":"set","key":"s","value":["a"],"part":1,"last":false}',
  '{"adapter":"redis","scope":"0","type":"set","key":"s","value":["b"],"part":2,"last":false}',
  '{"adapter":"redis","scope":"0","type":"set","key":"s","value":["c"],"part":3,"last":true}',
  '{"adapter":"dynamodb","scope":"t","type":"item","key":{"value":{"S":"{"}},"value":{"last":false}}',
];
const RECORDS = [[0], [1], [2, 3, 4], [5]].map((places) => places.map((place) => LINES[place]));

function writing(write: (sink: RecordSink) => Promise<void>, kept = 1 << 10): RecordStream {
  const adapter = {
    writeRecords: (_context, _selection, sink) => write(sink),
  } as Pick<AdapterModule, "writeRecords"> as AdapterModule;
  return new RecordStream(adapter, {} as AdapterContext, {}, kept);
}

interface Seen {
  identity: string;
  text: string;
  isWhole: boolean;
  length: number;
  digest: string;
}

async function all(stream: RecordStream): Promise<Seen[]> {
  const seen: Seen[] = [];
  const text = new TextDecoder();
  for (let next = await stream.next(); next; next = await stream.next()) {
    const { isWhole, length } = next;
    seen.push({
      identity: text.decode(next.identity),
      text: text.decode(next.text),
      isWhole,
      length,
      digest: next.digest().toHex(),
    });
  }
  return seen;
}

Deno.test("records are told apart, wherever their lines are cut", async () => {
  const bytes = new TextEncoder().encode(LINES.join("\n") + "\n");
  for (const kept of [1, 60, 100, 1000]) {
    for (let size = 1; size <= bytes.length; size = size < 200 ? size + 1 : size * 2) {
      const seen = await all(writing(async (sink) => {
        for (let at = 0; at < bytes.length; at += size) {
          await sink.write(bytes.slice(at, at + size));
        }
      }, kept));
      deepStrictEqual(
        seen.map(({ identity }) => identity),
        RECORDS.map(([line]) => /^(.*?)(,"value":[",[{].*)?\}$/.exec(line)![1]).map((found, i) =>
          i === 1 ? LINES[1].slice(0, LINES[1].lastIndexOf(',"value":",')) : found
        ),
      );
      for (const [i, lines] of RECORDS.entries()) {
        const whole = lines.join("");
        const { text, isWhole, length, digest, identity } = seen[i];
        strictEqual(length, whole.length);
        strictEqual(digest, createHash("sha256").update(whole).digest("hex"));
        strictEqual(whole.startsWith(text), true);
        strictEqual(text.length >= identity.length, true);
        if (isWhole) strictEqual(text, whole);
        strictEqual(isWhole, lines.length === 1 && whole.length <= kept);
      }
    }
  }
});

Deno.test("what goes wrong while records are written is told to who asks for them", async () => {
  const stream = writing(async (sink) => {
    await sink.write(new TextEncoder().encode(`${LINES[0]}\n`));
    throw new Error("broken");
  });
  strictEqual((await stream.next())?.length, LINES[0].length);
  await rejects(stream.next(), /broken/);
  await stream.close();
});

Deno.test("whoever has seen enough ends the writing", async () => {
  let ended = false;
  const stream = writing(async (sink) => {
    try {
      for (;;) await sink.write(new TextEncoder().encode(`${LINES[0]}\n`));
    } finally {
      ended = true;
    }
  });
  await stream.next();
  await stream.close();
  strictEqual(ended, true);
  const unused = writing(async (sink) => {
    await Promise.resolve();
    await sink.write(new TextEncoder().encode(`${LINES[0]}\n`));
  });
  await unused.close();
});
