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
    const flags = missingFlags(needs);
    if (flags.length === 0) throw error;
    throw new PermissionError(error.message, { file: error.file, hint: `add ${flags.join(" ")}` }, {
      cause: error.cause,
    });
  }
}

/** The flags that Deno must be given for all of it, whatever it may do already. */
export function neededFlags({ read, write }: Needs): string[] {
  return [...flag("read", read), ...flag("write", write)];
}

/** The flags for what it may not do yet. */
function missingFlags({ read, write }: Needs): string[] {
  const isMissing = (name: "read" | "write") => (path: string | undefined): boolean =>
    path !== undefined && Deno.permissions.querySync({ name, path }).state !== "granted";
  return neededFlags({
    read: read.filter(isMissing("read")),
    write: write.filter(isMissing("write")),
  });
}

function flag(access: "read" | "write", paths: Needs["read"]): string[] {
  const named = paths.filter((path): path is string =>
    path !== undefined && path !== STANDARD_INPUT
  );
  if (named.length === 0) return [];
  // A comma separates paths, and two of them are one in a name.
  const list = [...new Set(named)].map((path) => path.replaceAll(",", ",,")).join(",");
  return [`--allow-${access}=${list}`];
}
