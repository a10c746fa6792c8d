/** Decodes with and without `restorable`, and judges both trees by the encoder's rules. @module */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { UNRESTORABLE_FOLDER } from "../../src/tree/unrestorable.ts";
import { type Files, refusalsIn } from "../support/encoder_rules.ts";
import { decodeBytes, type Outcome } from "./decoding.ts";

/** What both decodes gave. */
export interface Judged {
  plain: Outcome;
  apart: Outcome;
  /** Paths below `_unrestorable/`, from there on. */
  moved: string[];
  /** What was counted, by `adapter reason`. */
  counts: Record<string, number>;
}

/**
 * The tree that is to be restored has nothing that the encoder refuses. The other one has exactly if
 * something was put apart. Both have the same contents and the same balance, and warn of the same.
 *
 * @param isModelled Whether the rules are those of the encoder, and no limit of a row's length or of memory.
 */
export async function judge(
  inputs: Record<string, Uint8Array>,
  options: Parameters<typeof decodeBytes>[1],
  isModelled = true,
): Promise<Judged> {
  const plain = await decodeBytes(inputs, options);
  const apart = await decodeBytes(inputs, { ...options, restorable: true });
  strictEqual(apart.published, plain.published);
  const counts = countsOf(plain);
  const moved = [...apart.files.keys()].filter((path) => path.startsWith(UNRESTORABLE_FOLDER))
    .map((path) => path.slice(UNRESTORABLE_FOLDER.length));
  if (!plain.published) return { plain, apart, counts, moved };
  const adapters = Object.keys(manifestOf(apart).adapters as Record<string, unknown>);
  deepStrictEqual(refusalsIn(encoded(apart), adapters), []);
  if (isModelled) strictEqual(refusalsIn(encoded(plain), adapters).length > 0, moved.length > 0);
  deepStrictEqual(countsOf(apart), counts);
  strictEqual(Object.keys(counts).length > 0, moved.length > 0);
  deepStrictEqual(apart.report.balance, plain.report.balance);
  deepStrictEqual(apart.report.accounts, plain.report.accounts);
  strictEqual(manifestOf(apart).restorable, true);
  ok(!("restorable" in manifestOf(plain)));
  deepStrictEqual(contentsOf(apart.files), contentsOf(plain.files));
  return { plain, apart, counts, moved };
}

function countsOf({ report }: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event, fields } of report.warnings) {
    if (event !== "not_restorable") continue;
    const { adapter, count, hint: _, ...reasons } = fields;
    for (const [why, n] of Object.entries(reasons)) counts[`${adapter} ${why}`] = n as number;
    strictEqual(count, Object.values(reasons).reduce((sum, n) => Number(sum) + Number(n), 0));
  }
  return counts;
}

/** What the encoder looks at. */
function encoded({ files }: Outcome): Files {
  return new Map([...files].filter(([path]) => !path.startsWith(UNRESTORABLE_FOLDER)));
}

function manifestOf({ files }: Outcome): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(files.get("MANIFEST.json")!));
}

/** Paths and contents, whatever is apart; of files of lines, the lines. */
function contentsOf(files: Files): string[] {
  const isOwn = (path: string): boolean => /^(MANIFEST\.json|CHECKSUMS)$/.test(path);
  return [...files].filter(([path]) => !isOwn(path)).flatMap(([path, bytes]) => {
    const here = path.replace(UNRESTORABLE_FOLDER, "");
    const text = new TextDecoder("latin1").decode(bytes);
    const isLines = /(^|\/)(KEYMAP|strings_ttl|hll_ttl|messages)\.jsonl$/.test(path);
    const pieces = isLines ? text.split("\n").filter((line) => line) : [text];
    // An item that had a suffix for want of its name may have the name now.
    return pieces.map((piece) => `${here.replace(/~[0-9a-f]{8}/, "")} ${piece}`);
  }).sort();
}
