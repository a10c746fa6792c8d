/**
 * What needs Deno: files and data directories as sources, a folder or a file as the output.
 *
 * @example
 * ```ts
 * import { decode, openSnapshot } from "@ekv/decant";
 * import { DenoDirectorySink, DenoFileSource } from "@ekv/decant/deno";
 *
 * const snap = await openSnapshot(new DenoFileSource("0000000000000235.fsm"), { hash: true });
 * const sink = new DenoDirectorySink("dump");
 * const report = await decode(snap, sink, {}, sink.scratch);
 * ```
 *
 * @module
 */

export { DenoDirectory } from "./src/sources/deno_directory.ts";
export { DenoFileSource } from "./src/sources/deno_file.ts";
export { findSnapshots } from "./src/container/data_directory.ts";
export { DenoDirectorySink } from "./src/sinks/deno_directory_sink.ts";
export { DenoScratch } from "./src/sinks/deno_scratch.ts";

// What the signatures above are made of.
export type { DirectoryWarning, FoundSnapshot } from "./src/container/data_directory.ts";
export type {
  Directory,
  DirectoryEntry,
  DirectoryName,
  WholeDirectory,
} from "./src/sources/directory.ts";
