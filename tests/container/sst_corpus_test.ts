import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { equalBytes } from "../../src/bytes/compare.ts";
import { u32le, u64le } from "../../src/bytes/integers.ts";
import { openSstBundle, type SstStream } from "../../src/container/sst/bundle.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { readAt } from "../../src/sources/source.ts";
import { corpusPath, gunzipped, inCorpus } from "./corpus.ts";

// Header of 16 bytes, payload, footer of 4 bytes.
const HEADER = 16;
const FOOTER = 4;
const ignore = !inCorpus("sst-ingest/snapshot.fsm.gz");

async function openReal(): Promise<SstStream & { size: number }> {
  const bytes = await gunzipped("sst-ingest/snapshot.fsm.gz");
  const bundle = await openSstBundle(new BytesSource(bytes), HEADER, bytes.length);
  return { ...bundle, size: bytes.length };
}

/** Entries by key, metadata rows apart. */
function split(stream: Uint8Array): { rows: Uint8Array; meta: string[] } {
  const meta: string[] = [];
  let end = stream.length;
  for (let at = 16; at < stream.length;) {
    const keyEnd = at + 8 + u32le(stream, at);
    const valueEnd = keyEnd + 8 + u32le(stream, keyEnd);
    const key = new TextDecoder().decode(stream.subarray(at + 8, keyEnd));
    if (key.startsWith("_meta_")) {
      if (meta.length === 0) end = at;
      meta.push(`${key}=${u64le(stream, keyEnd + 8)}`);
    }
    at = valueEnd;
  }
  return { rows: stream.subarray(16, end), meta };
}

Deno.test({
  name: "a real bundle is the plain stream of the same store",
  ignore,
  fn: async () => {
    const { list, payloadEnd, stream, size } = await openReal();
    strictEqual(payloadEnd, size - FOOTER);
    const stats = JSON.parse(
      Deno.readTextFileSync(corpusPath("sst-ingest/snapshot.fsm.stats.json")),
    ).manifest;
    strictEqual(list.appliedIndex, BigInt(stats.applied_index));
    strictEqual(list.entryCount, BigInt(stats.entry_count));

    const plain = await gunzipped("sst-ingest/same-data.fsm.gz");
    const fromBundle = split(await readAt(stream, 0, stream.size));
    const fromPlain = split(plain.subarray(HEADER, plain.length - FOOTER));
    ok(fromPlain.rows.length > 40_000_000);
    ok(equalBytes(fromBundle.rows, fromPlain.rows), "the same rows");
    strictEqual(fromBundle.meta.length, fromPlain.meta.length);
    deepStrictEqual(fromBundle.meta, [
      "_meta_applied_index=903",
      `_meta_last_commit_ts=${list.lastCommitTs}`,
      "_meta_min_retained_ts=1",
    ]);
  },
});

Deno.test({
  name: "reads of a real bundle at any offset give the sequential bytes",
  ignore,
  fn: async () => {
    const { stream } = await openReal();
    const whole = await readAt((await openReal()).stream, 0, stream.size);
    let random = 20260822;
    const next = (below: number) => {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      return random % below;
    };
    for (let i = 0; i < 100; i++) {
      const offset = next(stream.size);
      const length = next(i % 10 === 0 ? 5_000_000 : 5_000);
      ok(
        equalBytes(await readAt(stream, offset, length), whole.subarray(offset, offset + length)),
        `${length} bytes at ${offset}`,
      );
    }
  },
});
