/**
 * Trees that are to be restored have nothing that elastickv's encoder refuses. The judge is written by
 * its rules alone, and is itself judged by what the encoder said of many trees.
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { UNRESTORABLE_FOLDER } from "../../src/tree/unrestorable.ts";
import { ENCODED, type Files, refusalsIn } from "../support/encoder_rules.ts";
import { argumentsOf, casesOf, exists, keysOf, readTree, snapshotsOf } from "./cases.ts";
import { noteMissingCorpus } from "./cases.ts";
import { decodeBytes, type Outcome } from "./decoding.ts";
import { optionsOf } from "./options.ts";

/** What the encoder overlooks, and no tree has. */
const OVERLOOKED = /^(hand-ddb-lenient-0[012]|hand-redis-leniency|hand-sqs-08)$/;
/** Cases about the encoder's own options. */
const OWN_OPTIONS = /^ts-/;

for (const { name, folder } of casesOf("encode")) {
  if (OVERLOOKED.test(name) || OWN_OPTIONS.test(name)) continue;
  Deno.test(`encoder: ${name} is judged as the encoder judged it`, () => {
    const words = argumentsOf(folder);
    const at = words.indexOf("--adapter");
    const adapters = at < 0 ? ENCODED : words[at + 1].toLowerCase().split(",");
    const refusals = refusalsIn(readTree(treeOf(folder)), adapters, false);
    strictEqual(refusals.length > 0, exists(`${folder}error.txt`), refusals.join("\n"));
  });
}
noteMissingCorpus("encode");

function treeOf(folder: string): string {
  const from = `${folder}tree_from.txt`;
  return exists(from) ? `${folder}${Deno.readTextFileSync(from).trim()}/` : `${folder}tree/`;
}

const CONTRADICTING = [
  "includeIncompleteUploads",
  "includeOrphans",
  "preserveSqsVisibility",
  "includeSqsSideRecords",
  "dynamodbBundleMode",
] as const;

for (const set of ["parity", "defects"] as const) {
  for (const { name, folder } of casesOf(set)) {
    const file = `${folder}input.fsm`;
    if (/^(err-|cli-)/.test(name) || !exists(file)) continue;
    Deno.test(`restorable: ${set}/${name}`, async () => {
      const options = optionsOf(exists(`${folder}args.txt`) ? argumentsOf(folder) : []);
      for (const option of CONTRADICTING) delete options[option];
      await judge({ "input.fsm": Deno.readFileSync(file) }, {
        ...options,
        renameCollisions: true,
        keepGoing: true,
      });
    });
  }
  noteMissingCorpus(set);
}

for (const one of casesOf("real")) {
  if (!exists(`${one.folder}truth.json`)) continue;
  Deno.test(`restorable: real/${one.name}`, async () => {
    const files = await snapshotsOf(one);
    const inputs = Object.fromEntries(files.map((bytes, i) => [`${i}.fsm`, bytes]));
    await judge(inputs, { keepGoing: true, keys: keysOf(one), redisBareStrings: true });
  });
}
noteMissingCorpus("real");

/** Decodes with and without the option. The second tree is refused for what the first has apart. */
async function judge(
  inputs: Record<string, Uint8Array>,
  options: Parameters<typeof decodeBytes>[1],
): Promise<void> {
  const plain = await decodeBytes(inputs, options);
  const apart = await decodeBytes(inputs, { ...options, restorable: true });
  if (!plain.published) return strictEqual(apart.published, false);
  const asked = Object.keys(manifestOf(apart).adapters as Record<string, unknown>);
  deepStrictEqual(refusalsIn(encoded(apart), asked), []);

  const moved = [...apart.files.keys()].filter((path) => path.startsWith(UNRESTORABLE_FOLDER));
  const said = (of: Outcome) =>
    of.report.warnings.filter(({ event }) => event === "not_restorable")
      .map(({ fields: { hint: _, ...fields } }) => fields);
  deepStrictEqual(said(apart), said(plain));
  strictEqual(said(plain).length > 0, moved.length > 0);
  strictEqual(refusalsIn(encoded(plain), asked).length > 0, moved.length > 0);
  deepStrictEqual(apart.report.balance, plain.report.balance);
  deepStrictEqual(apart.report.accounts, plain.report.accounts);
  strictEqual(manifestOf(apart).restorable, true);
  ok(!("restorable" in manifestOf(plain)));
  sameContents(plain.files, apart.files);
}

/** What the encoder looks at. */
function encoded({ files }: Outcome): Files {
  return new Map([...files].filter(([path]) => !path.startsWith(UNRESTORABLE_FOLDER)));
}

function manifestOf({ files }: Outcome): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(files.get("MANIFEST.json")!));
}

/** Nothing is lost or changed: every file has its contents, and every line of the others is somewhere. */
function sameContents(plain: Files, apart: Files): void {
  const isOwn = (path: string): boolean => /^(MANIFEST\.json|CHECKSUMS)$/.test(path);
  const contents = (files: Files): string[] =>
    [...files].filter(([path]) => !isOwn(path)).flatMap(([path, bytes]) => {
      const here = path.replace(UNRESTORABLE_FOLDER, "");
      const text = new TextDecoder("latin1").decode(bytes);
      const isLines = /(^|\/)(KEYMAP|strings_ttl|hll_ttl|messages)\.jsonl$/.test(path);
      const pieces = isLines ? text.split("\n").filter((line) => line) : [text];
      // An item that had a suffix for want of its name may have the name now.
      return pieces.map((piece) => `${here.replace(/~[0-9a-f]{8}/, "")} ${piece}`);
    }).sort();
  deepStrictEqual(contents(apart), contents(plain));
}
