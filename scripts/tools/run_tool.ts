/**
 * Runs the programs that build and check. They are large and nobody needs them to run Decant, so they have
 * a configuration and a lock file of their own, and are fetched when they are first used.
 *
 * @module
 */

import config from "./deno.json" with { type: "json" };

const CONFIG = new URL("./deno.json", import.meta.url).pathname;

/** A tool's package. */
export type Tool = keyof typeof config.imports;

/** What Deno calls a tool's package, and its version. */
export function packageOf(tool: Tool): { specifier: string; version: string } {
  const specifier = config.imports[tool];
  return { specifier, version: specifier.slice(specifier.lastIndexOf("@") + 1) };
}

/** Arguments for Deno that run a program of a tool. */
export function toolCommand(tool: Tool, program?: string): string[] {
  const { specifier } = packageOf(tool);
  return [
    "run",
    "--allow-all",
    "--quiet",
    `--config=${CONFIG}`,
    program === undefined ? specifier : `${specifier}/${program}`,
  ];
}

/** Runs a tool to its end; fails with what it has said. */
export async function runTool(
  tool: Tool,
  program: string | undefined,
  args: readonly string[],
): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...toolCommand(tool, program), ...args],
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return;
  const text = new TextDecoder();
  throw new Error(`${tool} ${args.join(" ")}\n${text.decode(stdout)}${text.decode(stderr)}`);
}
