/** Reports of decodes and of verifications as JSON. @module */

import type { Problem } from "../adapters/context.ts";
import { scopeBalance, scopeName } from "../commands/decode.ts";
import type { DecodeReport } from "../commands/decode_run.ts";
import { inspectProblem } from "../commands/inspect.ts";
import type { AgainstReport } from "../commands/verify_against.ts";
import type { TreeReport } from "../commands/verify_tree.ts";
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
  const { exitCode, complete, files, bytes, balance, accounts, losses, problems, warnings } =
    report;
  return {
    exit_code: exitCode,
    complete,
    files,
    bytes,
    balance: { ...balance, scopes: accounts.map(scopeBalance) },
    losses,
    problems: problems.map(problemOf),
    warnings: warnings.map(({ event, fields }) => ({ event, ...fields })),
  };
}

function problemOf({ error, adapter, scope }: Problem): object {
  return {
    ...inspectProblem(error),
    adapter: adapter === "" ? undefined : adapter,
    scope: scope && scopeName(scope),
  };
}

function treeMembers({ exitCode, manifest, files, bytes, faults, faultCount }: TreeReport): object {
  return {
    exit_code: exitCode,
    complete: manifest.complete,
    files,
    bytes,
    faults,
    fault_count: faultCount,
  };
}
