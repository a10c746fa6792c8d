/** The one sentence about a snapshot: whether it is sound, of when it is, what is in it, what is missing. @module */

import { count, counted } from "../../src/cli/format.ts";
import type { InspectReport, Moment } from "../../src/commands/inspect.ts";
import type { Overview } from "../worker/protocol.ts";
import type { Things } from "./things.ts";

/** How much the files themselves prove. */
export type Verdict = "sound" | "open" | "unsound";

/** The sentence in two pieces: the verdict, which stands out, and all else. */
export interface Sentence {
  verdict: Verdict;
  first: string;
  rest: string;
}

/** Says it. */
export function sentenceOf({ report }: Overview, things: readonly Things[]): Sentence {
  const { sound, inputs, problems, commit_time, at } = report;
  const checked = inputs.every(({ checksum }) => checksum === "verified");
  const hasGap = report.groups.missing.length > 0 || report.groups.unknown;
  const first = !sound
    ? `Not sound: ${counted(problems.length, "problem")}.`
    : checked
    ? `Sound: ${inputs.length === 1 ? "checksum" : "every checksum"} verified.`
    : "Well formed, but without a checksum to prove it.";
  const rest = [
    at ? `As of ${momentText(at)}.` : "",
    commit_time ? `Committed ${momentText(commit_time)}.` : "Nothing was ever committed.",
    contentText(things),
    groupsText(report),
  ].filter((part) => part !== "").join(" ");
  return { verdict: !sound ? "unsound" : checked && !hasGap ? "sound" : "open", first, rest };
}

/** `2026-11-22 12:02:10 UTC`. */
export function momentText({ rfc3339 }: Moment): string {
  return rfc3339.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

/** What one thing of each adapter, and one scope, is called. */
export const WORDS = {
  dynamodb: { scope: "table", thing: "item", name: "DynamoDB" },
  s3: { scope: "bucket", thing: "object", name: "S3" },
  redis: { scope: "database", thing: "key", name: "Redis" },
  sqs: { scope: "queue", thing: "message", name: "SQS" },
} as const;

function contentText(things: readonly Things[]): string {
  const some = things.filter(({ count }) => count > 0);
  const of = (adapter: Things["adapter"]): Things[] =>
    some.filter((one) => one.adapter === adapter);
  const parts = (["dynamodb", "s3", "sqs"] as const)
    .map((adapter) => [of(adapter).length, WORDS[adapter].scope] as const)
    .filter(([n]) => n > 0).map(([n, word]) => counted(n, word));
  const keys = of("redis").reduce((n, { count }) => n + count, 0);
  if (keys > 0) parts.push(counted(keys, "Redis key"));
  return parts.length === 0 ? "" : `${parts.join(", ")}.`;
}

function groupsText({ groups, inputs }: InspectReport): string {
  const { known, missing, unknown } = groups;
  if (known.length > 0) {
    if (missing.length === 0) {
      return known.length === 1 ? "" : `All ${count(known.length)} groups are here.`;
    }
    const here = known.filter((group) => !missing.includes(group));
    const which = here.length === 1 ? `Group ${here[0]}` : `Groups ${here.join(", ")}`;
    return `${which} of ${known.length}: ${
      missing.length === 1 ? `group ${missing[0]} is` : `groups ${missing.join(", ")} are`
    } missing.`;
  }
  if (!unknown) return "";
  const given = [...new Set(inputs.flatMap(({ group }) => group ?? []))];
  return given.length === 1
    ? `This is group ${given[0]}; how many the cluster has, no file here says.`
    : "How many groups the cluster has, no file here says.";
}
