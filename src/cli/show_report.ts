/** Reports of decodes and of verifications as JSON. @module */

import { STANDARD, toBase64 } from "../bytes/base64.ts";
import { scopeBalance } from "../commands/decode_manifest.ts";
import { completenessOf, type DecodeReport } from "../commands/decode_report.ts";
import { exactMoment, inspectProblem } from "../commands/inspect.ts";
import type { Example } from "../commands/losses.ts";
import type { AgainstReport } from "../commands/verify_against.ts";
import type { TreeReport } from "../commands/verify_tree.ts";
import type { Problem } from "../mvcc/problems.ts";
import { nameText } from "../text/name_text.ts";
import { jsonText } from "./json.ts";

const FORMAT_VERSION = 1;

/** The report of a decode, or of a snapshot that was verified. */
export function decodeJson(report: DecodeReport): string {
  return jsonText({ format_version: FORMAT_VERSION, ...decodeMembers(report) });
}

/** The report of a dump that was verified. */
export function treeJson(report: TreeReport): string {
  return jsonText({ format_version: FORMAT_VERSION, ...treeMembers(report) });
}

/** The report of a dump that was compared with its snapshot. */
export function againstJson(report: AgainstReport): string {
  const { exitCode, faults, faultCount, tree, decoded } = report;
  return jsonText({
    format_version: FORMAT_VERSION,
    exit_code: exitCode,
    faults,
    fault_count: faultCount,
    tree: treeMembers(tree),
    decoded: decodeMembers(decoded),
  });
}

function decodeMembers(report: DecodeReport): object {
  const { exitCode, inputs, files, bytes, balance, accounts, losses, problems, warnings } = report;
  return {
    exit_code: exitCode,
    inputs,
    ...completenessOf(report),
    losses: losses.map((loss) => ({ ...loss, examples: loss.examples.map(exampleOf) })),
    selective: report.selective,
    at: report.at === undefined ? undefined : exactMoment(report.at),
    files,
    bytes,
    balance: { ...balance, scopes: accounts.map(scopeBalance) },
    problems: problems.map(problemOf),
    warnings: warnings.map(({ event, fields }) => ({ event, ...fields })),
  };
}

function exampleOf(example: Example): object {
  if ("key" in example) {
    const { key, cut } = example;
    return { key_b64: toBase64(STANDARD, key), key_length: cut?.length, key_sha256: cut?.sha256 };
  }
  return "group" in example ? { group: String(example.group) } : example;
}

function problemOf({ error, adapter, scope }: Problem): object {
  return {
    ...inspectProblem(error),
    adapter: adapter === "" ? undefined : adapter,
    scope: scope && nameText(scope),
  };
}

function treeMembers({ exitCode, manifest, files, bytes, faults, faultCount }: TreeReport): object {
  return {
    exit_code: exitCode,
    complete: manifest.complete,
    losses: manifest.losses,
    accepted: manifest.accepted,
    assumed: manifest.assumed,
    files,
    bytes,
    faults,
    fault_count: faultCount,
  };
}
