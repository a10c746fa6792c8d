/** Buckets, tables and queues whose names are any bytes: told apart wherever they are named. */

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { decode } from "../../src/commands/decode.ts";
import { decodeRecords } from "../../src/commands/decode_records.ts";
import { inspect } from "../../src/commands/inspect.ts";
import { openSnapshot } from "../../src/commands/open_snapshot.ts";
import { verifyAgainst } from "../../src/commands/verify_against.ts";
import { decodeJson } from "../../src/cli/show_report.ts";
import { balanceText, missingScopesText } from "../../src/cli/show_balance.ts";
import { inspectText } from "../../src/cli/show_inspect.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { DenoDirectory } from "../../src/sources/deno_directory.ts";
import { nameText } from "../../src/text/name_text.ts";
import { bucketRows, objectRows } from "../adapters/s3/support.ts";
import { withFolder } from "../cli/run.ts";
import { bytesOf, stream } from "../support/stream.ts";
import { decodeDump, openBytes } from "./dumps.ts";

const text = (s: string): Uint8Array => bytesOf(s);
const NAMES = [
  Uint8Array.of(0x62, 0xfe),
  Uint8Array.of(0x62, 0xff),
  text("b\\xff"),
  text("b64:Yv8"),
  text("b\u200b"), // a character of no width
  text("b"),
  text("x".repeat(299) + "1"),
  text("x".repeat(299) + "2"),
];
const TEXTS = NAMES.map(nameText);
const SNAP = stream(NAMES.flatMap((bucket) => [
  ...bucketRows(bucket),
  ...objectRows("o", bucket, { bucket }),
]));

function textOf(sink: MemorySink, path: string): string {
  return new TextDecoder().decode(sink.files.get(path));
}

Deno.test("a dump has a folder and a name for each, and says which is whose", async () => {
  const snapshot = await openBytes(SNAP);
  const sink = new MemorySink();
  const report = await decode(snapshot, sink, {});
  const manifest = JSON.parse(textOf(sink, "MANIFEST.json"));
  deepStrictEqual(manifest.adapters.s3.buckets, [...TEXTS].sort());
  deepStrictEqual(
    manifest.balance.scopes.map(({ scope }: { scope: string }) => scope).sort(),
    [...TEXTS].sort(),
  );
  const papers = [...sink.files.keys()].filter((path) => path.endsWith("/_bucket.json"));
  strictEqual(papers.length, NAMES.length);
  const named = papers.map((path) => JSON.stringify(JSON.parse(textOf(sink, path)).name));
  strictEqual(new Set(named).size, NAMES.length);
  ok(named.includes('{"base64":"Yv8"}') && named.includes('"b64:Yv8"'));
  const { balance } = JSON.parse(decodeJson(report));
  deepStrictEqual(
    new Set(balance.scopes.map(({ scope }: { scope: string }) => scope)),
    new Set(TEXTS),
  );
});

Deno.test("inspect, the balance and record lines name each in another way", async () => {
  const snapshot = await openBytes(SNAP);
  const report = await inspect(snapshot);
  deepStrictEqual(report.scopes.map(({ scope }) => scope).sort(), [...TEXTS].sort());
  const columns = (shown: string): string[] =>
    [...shown.matchAll(/^s3 +(\S.*?) {2,}/gm)].map(([, name]) => name);
  const inspected = columns(inspectText(report, [], { order: "name" }));
  strictEqual(new Set(inspected).size, NAMES.length, inspected.join());
  // What a terminal does not show can still be told, and asked for.
  ok(inspected.includes("b64:YuKAiw"));
  match(
    inspected.find((name) => name.endsWith("…)"))!,
    /^x{60}… \(300 bytes, SHA-256 [0-9a-f]{8}…\)$/,
  );

  const lines: string[] = [];
  const decoded = await decodeRecords(snapshot, {
    write: (bytes) => void lines.push(new TextDecoder().decode(bytes)),
  });
  deepStrictEqual(columns(balanceText(decoded, "")), inspected);
  const buckets = lines.join("").trimEnd().split("\n").map((line) => JSON.parse(line))
    .filter(({ type }) => type === "bucket").map(({ scope }) => JSON.stringify(scope));
  strictEqual(new Set(buckets).size, NAMES.length);
});

Deno.test("each can be selected by the name that reports give it, and no other comes with it", async () => {
  const snapshot = await openBytes(SNAP);
  for (const [i, name] of TEXTS.entries()) {
    const sink = new MemorySink();
    const report = await decode(snapshot, sink, { scopes: { s3: [name] } });
    const manifest = JSON.parse(textOf(sink, "MANIFEST.json"));
    deepStrictEqual(manifest.adapters.s3.buckets, [name]);
    deepStrictEqual(manifest.selection, { adapter: ["s3"], scope: [`s3=${name}`] });
    strictEqual(missingScopesText([{ adapter: "s3", name }], report.accounts), "");
    const own = report.accounts.filter(({ fates }) => fates.written);
    deepStrictEqual(own.map(({ scope }) => scope), [NAMES[i]]);
  }
  // Base64 of a name that is text means it, too.
  const { exitCode } = await decode(snapshot, new MemorySink(), { scopes: { s3: ["b64:Yg"] } });
  strictEqual(exitCode, 0);
  await rejects(decode(snapshot, new MemorySink(), { scopes: { s3: ["b64:?"] } }), {
    code: "usage",
  });
});

Deno.test("a dump of one of them is verified against its snapshot", async () => {
  await withFolder(async (folder) => {
    await decodeDump(`${folder}/dump`, SNAP, { scopes: { s3: ["b64:Yv8"] } });
    const directory = new DenoDirectory(`${folder}/dump`);
    const report = await verifyAgainst(directory, await openBytes(SNAP));
    deepStrictEqual([report.exitCode, report.faults], [0, []]);
  });
});

Deno.test("a program gets each by the name that it is listed under", async () => {
  const snapshot = await openSnapshot(SNAP);
  const listed: string[] = [];
  for await (const bucket of snapshot.s3.buckets()) listed.push(bucket.name);
  deepStrictEqual(listed.sort(), [...TEXTS].sort());
  for (const [i, name] of TEXTS.entries()) {
    for (const bucket of [snapshot.s3.bucket(name), snapshot.s3.bucket(NAMES[i])]) {
      deepStrictEqual([bucket.name, bucket.rawName], [name, NAMES[i]]);
      deepStrictEqual((await bucket.attributes()).generation, 1n);
      deepStrictEqual((await bucket.get("o"))?.key, "o");
    }
  }
});
