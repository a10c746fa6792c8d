/** What to say when Deno was not given a permission: all flags that are missing, not just the first. @module */

import { PermissionError } from "../errors.ts";
import { needsAll } from "../sources/deno_error.ts";
import { STANDARD_INPUT } from "../commands/deno_inputs.ts";

/** Paths that a command reads and writes; those that are not given do not count. */
export interface Needs {
  read: readonly (string | undefined)[];
  write: readonly (string | undefined)[];
}

/** Does something; a missing permission becomes an error that names every flag to add. */
export async function explainPermissions<T>(needs: Needs, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof PermissionError) || !(error.cause instanceof Deno.errors.NotCapable)) {
      throw error;
    }
    if (needsAll(error.cause)) throw error;
    const flags = [...missingFlag("read", needs.read), ...missingFlag("write", needs.write)];
    if (flags.length === 0) throw error;
    throw new PermissionError(error.message, { file: error.file, hint: `add ${flags.join(" ")}` }, {
      cause: error.cause,
    });
  }
}

function missingFlag(access: "read" | "write", paths: Needs["read"]): string[] {
  const missing = paths.filter((path): path is string =>
    path !== undefined && path !== STANDARD_INPUT &&
    Deno.permissions.querySync({ name: access, path }).state !== "granted"
  );
  if (missing.length === 0) return [];
  // A comma separates paths, and two of them are one in a name.
  const list = [...new Set(missing)].map((path) => path.replaceAll(",", ",,")).join(",");
  return [`--allow-${access}=${list}`];
}
