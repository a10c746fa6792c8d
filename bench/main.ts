/**
 * Measures the program: each stage alone, whole commands, and other programs as yardsticks.
 *
 *     deno task bench [KIND…] [--size MIB] [--runs N] [--only GROUP,…] [--growth MIB,MIB…] [--folder DIR] [-o FILE]
 *
 * All cases of a kind take turns, so that whatever else the machine does hits all alike. The results
 * are JSON; `deno task bench:compare A B` shows two of them beside each other.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Case } from "./cases.ts";
import { type Command, commandsOf, decodeScoped, fewFiles, type Place } from "./commands.ts";
import { isSealed, type Kind, SIZES, writeInput } from "./inputs.ts";
import { type Cost, measure } from "./measure.ts";
import { empty, makeFolder, mountAside, remove, unmount } from "./places.ts";
import type { Input, Result, Results } from "./results.ts";
import { STAGE_NAMES, type StageReport } from "./stages.ts";

const STAGES = new URL("stages.ts", import.meta.url).pathname;

const { values: options, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    size: { type: "string" },
    runs: { type: "string", default: "3" },
    only: { type: "string" },
    growth: { type: "string" },
    folder: { type: "string" },
    output: { type: "string", short: "o" },
  },
});
const runs = Number(options.runs);
const kinds = (positionals.length > 0 ? positionals : Object.keys(SIZES)) as Kind[];
for (const kind of kinds) if (!Object.hasOwn(SIZES, kind)) throw new Error(`no kind is ${kind}`);

const inputs: Input[] = [];
const results: Result[] = [];
const folder = makeFolder(options.folder);
const mounted = isWanted("command") ? mountAside() : undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    clean();
    Deno.exit(130);
  });
}
try {
  for (const kind of kinds) {
    if (options.growth === undefined) await measureKind(kind);
    else await measureGrowth(kind, options.growth.split(",").map(Number));
  }
} finally {
  clean();
}
publish();
Deno.exit(0);

function clean(): void {
  if (mounted) unmount(mounted);
  remove(folder);
}

/** All cases of one kind, in turns. */
async function measureKind(kind: Kind): Promise<void> {
  const place = { folder, input: `${folder}/${kind}.fsm` };
  const input = writeInput(place.input, kind, Number(options.size ?? SIZES[kind]));
  inputs.push(input);
  const stages = STAGE_NAMES.map((name) =>
    new Case(input, "stage", name, () => runStage(name, kind, place))
  );
  const hasCommands = kind !== "clear" && !isSealed(kind);
  const aside = mounted ? { folder: mounted, input: `${mounted}/${kind}.fsm` } : undefined;
  let commands: Command[] = [];
  if (hasCommands && (isWanted("command") || isWanted("yardstick"))) {
    if (aside) Deno.copyFileSync(place.input, aside.input);
    commands = await commandsOf(place, aside);
  }
  const cases = [
    ...stages,
    ...commands.map(({ group, case: name, run }) => new Case(input, group, name, run)),
  ].filter(({ group }) => isWanted(group));
  for (let run = 0; run < runs; run++) for (const one of cases) await one.run();
  for (const one of cases) tell(one.result());
  for (const { folder } of aside ? [place, aside] : [place]) empty(folder);
}

/** One command on files of several sizes. */
async function measureGrowth(kind: Kind, sizes: number[]): Promise<void> {
  for (const size of sizes) {
    const place = { folder: mounted ?? folder, input: `${mounted ?? folder}/${kind}.fsm` };
    const input = writeInput(place.input, kind, size);
    inputs.push(input);
    const words = fewFiles(kind, place.folder);
    const one = new Case(input, "command", "decode, few files", () => decodeScoped(place, words));
    for (let run = 0; run < runs; run++) await one.run();
    tell(one.result());
    empty(place.folder);
  }
}

function isWanted(group: Result["group"]): boolean {
  return options.only === undefined || options.only.split(",").includes(group);
}

async function runStage(name: string, kind: Kind, { input }: Place): Promise<Cost & StageReport> {
  const args = ["run", "--no-check", "--allow-all", STAGES, name, kind, input];
  const { output, peak_mib } = await measure(Deno.execPath(), args);
  return { peak_mib, ...JSON.parse(output) as StageReport };
}

function tell(result: Result): void {
  results.push(result);
  console.error(JSON.stringify(result));
}

function publish(): void {
  const all: Results = {
    format_version: 2,
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    machine: `${navigator.hardwareConcurrency} cores, ${Deno.build.target}`,
    command: ["deno task bench", ...Deno.args.filter((_, i) => !isOutput(i))].join(" "),
    inputs,
    results,
  };
  const text = JSON.stringify(all, null, 2) + "\n";
  if (options.output === undefined) console.log(text.trimEnd());
  else Deno.writeTextFileSync(options.output, text);
}

/** Whether an argument only says where the results go. */
function isOutput(i: number): boolean {
  return ["-o", "--output"].includes(Deno.args[i]) ||
    ["-o", "--output"].includes(Deno.args[i - 1]) ||
    Deno.args[i].startsWith("--output=");
}
