/**
 * Shows two files of results beside each other: how much the second one takes of each case, as a part of
 * what the first one takes.
 *
 *     deno task bench:compare A.json B.json
 *
 * @module
 */

import { readResults, type Result } from "./results.ts";

const [a, b] = Deno.args;
if (b === undefined) {
  console.error("give two files of results");
  Deno.exit(2);
}
const before = readResults(a).results;
const after = readResults(b).results;
console.log(`${"B / A".padEnd(52)}${["wall", "cpu", "memory"].map(column).join("")}`);
let kind = "";
for (const old of before) {
  const now = after.find((result) => nameOf(result) === nameOf(old));
  if (!now) continue;
  if (old.kind !== kind) console.log(kind = old.kind);
  const name = `  ${old.group}: ${old.case}${sizes(old, now)}`;
  const ratios = [
    now.seconds / old.seconds,
    now.cpu_seconds / old.cpu_seconds,
    now.peak_mib / old.peak_mib,
  ];
  console.log(name.padEnd(52) + ratios.map(text).map(column).join(""));
}
for (const [results, others, where] of [[before, after, "A"], [after, before, "B"]] as const) {
  const names = others.map(nameOf);
  const alone = results.filter((result) => !names.includes(nameOf(result))).length;
  if (alone > 0) console.log(`${alone} cases are in ${where} only`);
}

/** Cases are the same at any size, but for those that are measured at several. */
function nameOf({ kind, group, case: name, bytes }: Result): string {
  const size = name === "decode, few files" ? Math.round(bytes / 2 ** 20) : "";
  return JSON.stringify([kind, group, name, size]);
}

/** Says so where two inputs are not of one size. */
function sizes(old: Result, now: Result): string {
  return old.bytes === now.bytes ? "" : ` (${old.bytes} and ${now.bytes} bytes)`;
}

function text(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : "–";
}

function column(text: string): string {
  return text.padStart(8);
}
