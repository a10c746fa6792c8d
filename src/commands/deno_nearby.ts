/**
 * Where the snapshots lie that somebody meant who named something beside them: a record of one, the log,
 * a folder inside of a group's. What Deno may not read is not looked at.
 *
 * @module
 */

import { payloadIndex, PAYLOADS_FOLDER } from "../container/group_snapshot.ts";
import { type DecantError, UnsupportedError } from "../errors.ts";
import { splitPath } from "./deno_siblings.ts";

/** Folders in a group's folder that mean the group. */
const PARTS: readonly string[] = [PAYLOADS_FOLDER, "snap", "wal"];
/** A file of a group lies at most so many folders below the group's. */
const DEPTH = 3;

/** The group's folder, of which a part was named, where that may be read; else what was named. */
export function groupFolderOf(folder: string): string {
  const { parent, name } = splitPath(folder);
  return PARTS.includes(name) && names(parent).includes(PAYLOADS_FOLDER) ? parent : folder;
}

/** An error about a file that is no snapshot, with the snapshot that lies near it. */
export function withNearby<E>(error: E): E | DecantError {
  if (!(error instanceof UnsupportedError) || error.code !== "not-a-snapshot") return error;
  const { code, message, file, offset, hint } = error;
  const near = file === undefined ? undefined : newestNear(file);
  if (near === undefined) return error;
  return new UnsupportedError(code, message, {
    file,
    offset,
    hint: `the newest snapshot near it is ${near}${hint === undefined ? "" : `; ${hint}`}`,
  }, { cause: error });
}

/** The payload with the greatest index in the `fsm-snap/` beside a file, or beside a folder that it is in. */
function newestNear(file: string): string | undefined {
  let folder = file;
  for (let i = 0; i < DEPTH; i++) {
    folder = splitPath(folder).parent;
    const payloads = folder === "/" ? `/${PAYLOADS_FOLDER}` : `${folder}/${PAYLOADS_FOLDER}`;
    const newest = names(payloads).filter((name) => payloadIndex(name) !== undefined).sort().at(-1);
    if (newest !== undefined) return `${payloads}/${newest}`;
    if (folder === "." || folder === "/") return undefined;
  }
  return undefined;
}

/** Names in a folder; none where that cannot be told. */
function names(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
