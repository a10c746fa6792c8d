/**
 * Trees that the reference wrote where it is right: ours are the same, byte for byte. What may differ:
 * the manifest's members that are about the run, and the order of lines in KEYMAP and TTL sidecars,
 * which is free.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ADAPTERS } from "../../src/commands/selection.ts";
import { sha256Hex } from "../../src/bytes/digest.ts";
import { argumentsOf, casesOf, exists, expectedTree, lineSet, noteMissingCorpus } from "./cases.ts";
import { decodeBytes } from "./decoding.ts";
import { optionsOf } from "./options.ts";

/** Members of the manifest that are about the run or that the reference leaves empty. */
const FREE_MEMBERS = new Set([
  "elastickv_version",
  "wall_time_iso",
  "source",
  "adapters",
  "inputs",
  "complete",
  "losses",
  "accepted",
  "assumed",
  "balance",
  "selection",
]);
const FREE_ORDER = /(^|\/)(KEYMAP|strings_ttl|hll_ttl)\.jsonl$/;

for (const { name, folder } of casesOf("parity")) {
  if (name.startsWith("err-") || !exists(`${folder}input.fsm`)) continue;
  const expected = expectedTree(folder, "expected");
  if (!expected) continue;
  Deno.test(`parity: ${name} comes out as the reference wrote it`, async () => {
    const options = optionsOf(argumentsOf(folder));
    const { files, extra, directories, report, published } = await decodeBytes(
      { "input.fsm": Deno.readFileSync(`${folder}input.fsm`) },
      options,
    );
    ok(published, JSON.stringify(report.problems.map(({ error }) => error.message)));
    ok(report.exitCode === 0 || report.exitCode === 8, `exit ${report.exitCode}`);
    deepStrictEqual(report.problems, []);
    deepStrictEqual([...files.keys()].sort(), [...expected.keys()].sort());
    for (const [path, bytes] of expected) {
      const ours = files.get(path)!;
      if (path === "MANIFEST.json") compareManifests(ours, bytes);
      else if (path === "CHECKSUMS") compareChecksums(ours, new Map([...files, ...extra]));
      else if (FREE_ORDER.test(path)) deepStrictEqual(lineSet(ours), lineSet(bytes), path);
      else strictEqual(text(ours), text(bytes), path);
    }
    const empty = `${folder}expected.emptydirs.txt`;
    for (const path of exists(empty) ? Deno.readTextFileSync(empty).split("\n") : []) {
      if (path !== "") ok(directories.has(path.replace(/\/$/, "")), `empty folder ${path}`);
    }
  });
}
noteMissingCorpus("parity");

Deno.test("every adapter of the dump takes part in the comparison", () => {
  deepStrictEqual(ADAPTERS.map(({ name }) => name), ["dynamodb", "s3", "redis", "sqs"]);
});

/** One character a byte, so that a difference is shown as text. */
function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function compareManifests(ours: Uint8Array, theirs: Uint8Array): void {
  const members = (bytes: Uint8Array): [string, string][] =>
    new TextDecoder().decode(bytes).split(/\n {2}(?=")/).slice(1)
      .map((member): [string, string] => {
        const [, name, value] = /^"([^"]+)": ([\s\S]*?),?\n?\}?\n?$/.exec(member)!;
        return [name, value];
      })
      .filter(([name]) => !FREE_MEMBERS.has(name))
      .map(([name, value]) => [
        name,
        name === "exclusions" ? value.replace(/,\s+"rename_s3_collisions": \w+/, "") : value,
      ]);
  deepStrictEqual(members(ours), members(theirs));
}

/** The list holds every other file once, in order, with the right sums. */
function compareChecksums(ours: Uint8Array, files: Map<string, Uint8Array>): void {
  const encoder = new TextEncoder();
  const listed = new TextDecoder().decode(ours).split("\n").slice(0, -1);
  const expected = [...files].filter(([path]) => path !== "CHECKSUMS")
    .map(([path, bytes]) => [encoder.encode(path), bytes] as const)
    .sort(([a], [b]) => text(a) < text(b) ? -1 : 1)
    .map(([path, bytes]) => {
      const name = new TextDecoder().decode(path);
      const escaped = name.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r");
      return `${escaped === name ? "" : "\\"}${sha256Hex(bytes)}  ${escaped}`;
    });
  deepStrictEqual(listed, expected);
}
