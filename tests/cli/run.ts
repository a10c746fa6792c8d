/** Runs the real command line as a program of its own, with the permissions that a test gives it. @module */

import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** What a program may do, and what it reads from standard input. */
export interface Surroundings {
  read?: readonly string[];
  write?: readonly string[];
  stdin?: Uint8Array;
}

/** What a program did. */
export interface Run {
  code: number;
  stdout: string;
  stderr: string;
  /** Standard output as bytes. */
  bytes: Uint8Array;
}

/** Path of a fixture. */
export function fixture(path: string): string {
  return FIXTURES + path;
}

/** The program, not started yet. */
export function command(
  args: readonly string[],
  { read = [], write = [], stdin }: Surroundings = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${CONFIG}`,
      ...(read.length > 0 ? [`--allow-read=${read.join()}`] : []),
      ...(write.length > 0 ? [`--allow-write=${write.join()}`] : []),
      CLI,
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it to its end. */
export async function cli(args: readonly string[], surroundings: Surroundings = {}): Promise<Run> {
  const { stdin } = surroundings;
  const child = command(args, surroundings).spawn();
  if (stdin) {
    const writer = child.stdin.getWriter();
    // A program that refuses its arguments does not read.
    writer.write(stdin).then(() => writer.close()).catch(() => {});
  }
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr), bytes: stdout };
}

/** Runs it for a reader that has ended before anything is written. */
export async function cliUnread(
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Pick<Run, "code" | "stderr">> {
  const child = command(args, surroundings).spawn();
  await child.stdout.cancel();
  const stderr = await new Response(child.stderr).text();
  return { code: (await child.status).code, stderr };
}

/** Runs a test with a folder of its own, which is gone afterwards. */
export async function withFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "decant-test-" }));
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All paths below a folder, sorted; folders end with a slash. */
export function pathsBelow(folder: string, prefix = ""): string[] {
  const paths: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    paths.push(prefix + name + (isDirectory ? "/" : ""));
    if (isDirectory) paths.push(...pathsBelow(`${folder}/${name}`, `${prefix}${name}/`));
  }
  return paths.sort();
}
