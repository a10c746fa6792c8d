import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Progress, type ProgressMode } from "../../src/cli/progress.ts";

/** What is written, with a clock that the test sets. */
function recorded(
  mode: ProgressMode,
  columns?: number,
): { progress: Progress; texts: string[]; at: (ms: number) => void } {
  const texts: string[] = [];
  let now = 0;
  const output = { write: (text: string) => void texts.push(text), columns };
  return { progress: new Progress(mode, output, () => now), texts, at: (ms) => void (now = ms) };
}

Deno.test("without a terminal there is a line every 10 seconds", () => {
  const { progress, texts, at } = recorded("auto");
  const bytes = progress.bytes("reading");
  bytes(0, 1000e6);
  for (const [ms, done] of [[9_999, 99e6], [10_000, 250e6], [19_000, 300e6], [20_000, 500e6]]) {
    at(ms);
    bytes(done, 1000e6);
  }
  progress.end();
  deepStrictEqual(texts, [
    "reading 25 %, 238 MiB of 954 MiB, 25 MB/s, ETA 0:30\n",
    "reading 50 %, 477 MiB of 954 MiB, 25 MB/s, ETA 0:20\n",
  ]);
});

Deno.test("on a terminal one line is written over and over, and never wraps", () => {
  const { progress, texts, at } = recorded("auto", 40);
  const rows = progress.rows("decoding");
  rows(0, 2000);
  at(1000);
  progress.written = 12_300_000;
  rows(500, 2000);
  at(1050);
  rows(600, 2000);
  progress.end();
  deepStrictEqual(texts, ["\r\x1b[Kdecoding 25 %, 500 of 2,000 rows, 12 MB", "\r\x1b[K"]);
});

Deno.test("rows have the rate of the bytes that are written, and an end in sight", () => {
  const { progress, texts, at } = recorded("auto");
  const rows = progress.rows("decoding");
  rows(0, 2000);
  at(20_000);
  progress.written = 15_000_000;
  rows(500, 2000);
  deepStrictEqual(texts, ["decoding 25 %, 500 of 2,000 rows, 0.8 MB/s, ETA 1:00\n"]);
});

Deno.test("a new phase begins anew, and as JSON each phase ends with a line", () => {
  const { progress, texts, at } = recorded("json");
  progress.bytes("reading")(0, 4e6);
  at(500);
  progress.bytes("reading")(4e6, 4e6);
  progress.rows("decoding")(0, 10);
  at(1500);
  progress.rows("decoding")(5, 10);
  progress.rows("decoding")(10, 10);
  progress.end();
  const lines = texts.map((text) => JSON.parse(text));
  deepStrictEqual(lines.map(({ phase, done, percent }) => [phase, done, percent]), [
    ["reading", 4e6, 100],
    ["decoding", 5, 50],
    ["decoding", 10, 100],
  ]);
  deepStrictEqual(lines[0], {
    format_version: 1,
    phase: "reading",
    unit: "bytes",
    done: 4e6,
    total: 4e6,
    percent: 100,
    mb_per_s: 8,
    seconds: 0.5,
    seconds_left: 0,
  });
});

Deno.test("nothing is written when no progress is wanted", () => {
  const { progress, texts, at } = recorded("none", 80);
  progress.bytes("reading")(0, 10);
  at(60_000);
  progress.bytes("reading")(5, 10);
  progress.end();
  strictEqual(texts.length, 0);
});
