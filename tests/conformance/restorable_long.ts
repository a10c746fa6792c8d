/**
 * Trees that are to be restored have nothing that elastickv's encoder refuses. The judge is written by
 * its rules alone, and is itself judged by what the encoder said of many trees.
 */

import { strictEqual } from "node:assert/strict";
import { ENCODED, type Files, refusalsIn } from "../support/encoder_rules.ts";
import {
  argumentsOf,
  casesOf,
  exists,
  expectedTree,
  keysOf,
  readTree,
  snapshotsOf,
} from "./cases.ts";
import { noteMissingCorpus } from "./cases.ts";
import { judge } from "./judge.ts";
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
    const refusals = refusalsIn(treeOf(folder), adapters, false);
    strictEqual(refusals.length > 0, exists(`${folder}class.txt`), refusals.join("\n"));
  });
}
noteMissingCorpus("encode");

/** The tree that the encoder was given; none is there where it has no files. */
function treeOf(folder: string): Files {
  const from = `${folder}tree_from.txt`;
  return exists(from)
    ? readTree(`${folder}${Deno.readTextFileSync(from).trim()}/`)
    : expectedTree(folder, "tree") ?? new Map();
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
