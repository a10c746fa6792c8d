/** Whole commands as users run them, and other programs as yardsticks, each on one file. @module */

import type { Kind } from "./inputs.ts";
import { type Cost, measure } from "./measure.ts";
import { remove } from "./places.ts";

const PROGRAM = new URL("../cli.ts", import.meta.url).pathname;

/** Where a kind's files are. */
export interface Place {
  /** Everything is in it. */
  folder: string;
  input: string;
}

/** A program that is run. */
export interface Command {
  group: "command" | "yardstick";
  case: string;
  /** Runs it once. Afterwards there is no more than before. */
  run(): Promise<Cost>;
}

/** What `decode` is told of every file: these have no routes. */
const GIVEN = ["--accept=groups", "-q"];
/** However many they are. */
const FILE_AN_ITEM = ["--dynamodb-bundle-mode", "per-item"];

/** Files of many things each: a form whose files any disk can hold, however large the input is. */
export function fewFiles(kind: Kind, folder: string): string[] {
  switch (kind) {
    case "items":
    case "large-items":
    case "versions":
      return ["--dynamodb-bundle-mode", "jsonl", "-o", `${folder}/out`];
    case "small-objects":
    case "mixed":
      return ["--format", "tar", "-o", `${folder}/out`, "--spool", `${folder}/spool`];
    case "ttls":
      return ["--format", "records", "-o", `${folder}/out`, "--spool", `${folder}/spool`];
    default:
      return ["-o", `${folder}/out`];
  }
}

/** Runs the command line with just the permissions that it needs. */
export function decodeScoped({ folder, input }: Place, words: string[]): Promise<Cost> {
  const output = [`${folder}/out`, `${folder}/spool`];
  const allowed = [`--allow-read=${[input, ...output].join()}`, `--allow-write=${output.join()}`];
  return decode(folder, ["--no-prompt", ...allowed], [input, ...words]);
}

async function decode(folder: string, flags: string[], words: string[]): Promise<Cost> {
  Deno.mkdirSync(`${folder}/spool`);
  try {
    const args = ["run", "--no-check", ...flags, PROGRAM, "decode", ...words, ...GIVEN];
    return await measure(Deno.execPath(), args);
  } finally {
    remove(`${folder}/out`);
    remove(`${folder}/spool`);
  }
}

/**
 * All of them for one kind.
 *
 * @param aside A copy of the place on a memory file system outside `/dev`, where permissions can be
 *   limited; absent where there is none.
 */
export async function commandsOf({ folder, input }: Place, aside?: Place): Promise<Command[]> {
  const decoded = `${folder}/out`;
  const tree = [...FILE_AN_ITEM, "-o", decoded];
  const spool = ["--spool", `${folder}/spool`];
  const line = (name: string, words: string[]): Command => ({
    group: "command",
    case: name,
    run: () => decode(folder, ["--allow-all"], [input, ...words]),
  });
  const commands: Command[] = [
    line("decode", tree),
    line("decode --format records", ["--format", "records", "-o", decoded, ...spool]),
    line("decode --format tar", ["--format", "tar", ...tree, ...spool]),
    {
      group: "command",
      case: "inspect",
      run: () =>
        measure(Deno.execPath(), ["run", "--no-check", "-A", PROGRAM, "inspect", input], [0, 8]),
    },
  ];
  if (aside) {
    const run = () => decodeScoped(aside, [...FILE_AN_ITEM, "-o", `${aside.folder}/out`]);
    commands.push({ group: "command", case: "decode, scoped permissions", run });
  }
  return [...commands, ...await yardsticks(folder, input)];
}

/** Programs that read the same bytes, or write the same files. */
async function yardsticks(folder: string, input: string): Promise<Command[]> {
  const sample = `${folder}/sample`;
  const words = [input, ...FILE_AN_ITEM, "-o", sample, ...GIVEN];
  await measure(Deno.execPath(), ["run", "--no-check", "-A", PROGRAM, "decode", ...words]);
  await measure("tar", ["cf", `${folder}/sample.tar`, "-C", sample, "."]);
  const copy = `${folder}/copy`;
  const yardstick = (name: string, command: string, ...args: string[]): Command => ({
    group: "yardstick",
    case: name,
    async run() {
      Deno.mkdirSync(copy);
      try {
        return await measure(command, args);
      } finally {
        remove(copy);
      }
    },
  });
  return [
    yardstick("sha256sum", "sha256sum", input),
    yardstick("md5sum", "md5sum", input),
    yardstick("tar xf", "tar", "xf", `${folder}/sample.tar`, "-C", copy),
    yardstick("cp -r", "cp", "-r", sample, `${copy}/tree`),
  ];
}
