/** Snapshots of real nodes, and what clients of the nodes read. @module */

import { corpusPath } from "../container/corpus.ts";
import { isFile } from "../support/programs.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;

/** Path of a fixture. */
export function fixture(path: string): string {
  return FIXTURES + path;
}

/** Path of a captured file, packed or not; some lie beside the repository, where anything does. */
export function captured(path: string): string | undefined {
  const real = `${FIXTURES}real/${path}`;
  return [real, `${real}.gz`, corpusPath(path), `${corpusPath(path)}.gz`].find(isFile);
}

/** What clients read. */
// deno-lint-ignore no-explicit-any
export function truthOf(name: string): any {
  return JSON.parse(Deno.readTextFileSync(captured(`${name}/truth.json`)!));
}
