#!/usr/bin/env node
/**
 * `decant` for who has only Node: runs decant.js in Deno, which is a package that this one depends on, with
 * just the permissions that the arguments need. The program says itself which these are; a command line
 * that it refuses, and `--help`, end there.
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

const program = fileURLToPath(new URL("decant.js", import.meta.url));
const run = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
];
const args = process.argv.slice(2);
const [command, ...before] = denoCommand();

const asked = spawnSync(command, [
  ...before,
  ...run,
  // One word may be the name of a file.
  ...(/^[a-z]+$/.test(args[0] ?? "") && existsSync(args[0]) ? [`--allow-read=${args[0]}`] : []),
  program,
  "--permissions",
  ...args,
], { stdio: ["ignore", "pipe", "pipe"] });
if (asked.error) fail(asked.error.code === "ENOENT" ? "Deno was not found" : asked.error.message);
const permissions = asked.status === 0 ? listed(asked.stdout.toString()) : undefined;
if (permissions === undefined) {
  process.stderr.write(asked.stderr);
  process.stdout.write(asked.stdout, () => process.exit(asked.status ?? 1));
} else {
  const child = spawn(command, [...before, ...run, ...permissions, program, ...args], {
    stdio: "inherit",
  });
  // Ctrl-C reaches both, and the program ends in its own way; other signals are passed on.
  for (const signal of Object.keys(SIGNALS)) {
    process.on(signal, () => signal === "SIGINT" || child.kill(signal));
  }
  child.on("error", ({ message }) => fail(message));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (SIGNALS[signal] ?? 0)));
}

/** The program of the package `deno`, or the one that is installed otherwise. */
function denoCommand() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("deno/package.json"));
    const binary = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
    return existsSync(binary) ? [binary] : [process.execPath, join(folder, "bin.cjs")];
  } catch {
    return ["deno"];
  }
}

/** The flags, if it is these that were printed. */
function listed(text) {
  try {
    const flags = JSON.parse(text);
    return Array.isArray(flags) ? flags : undefined;
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(`decant: ${message}\n  hint: npm install deno, or see https://deno.com`);
  process.exit(1);
}
