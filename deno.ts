/**
 * What needs Deno: files and data directories as sources, a folder or a file as the output.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 * import { DenoDirectorySink } from "@ekv/decant/deno";
 *
 * using snap = await openSnapshot("0000000000000235.fsm", { hash: true });
 * const report = await snap.decode(new DenoDirectorySink("dump"));
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
export type {
  DirectoryWarning,
  FindOptions,
  FoundSnapshot,
} from "./src/container/data_directory.ts";
export type {
  Directory,
  DirectoryEntry,
  DirectoryName,
  WholeDirectory,
} from "./src/sources/directory.ts";
