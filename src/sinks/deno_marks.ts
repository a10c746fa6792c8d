/**
 * Files that mark what a program leaves when it is stopped at once: a dump that is not finished, and scratch
 * files. A running program holds a lock on its mark, so that nobody takes away what is still being written.
 *
 * @module
 */

/** What a mark is called in a folder of scratch files. */
export const SCRATCH_MARK = "DECANT-SCRATCH";
/** How the text of every mark begins. */
const FIRST_LINES = {
  dump: "This dump is not complete: it is being written, or its writer was stopped.\n",
  scratch:
    "Scratch files of Decant: they are in use, or were left by a program that was stopped.\n",
} as const;

/** What is marked. */
export type Marked = keyof typeof FIRST_LINES;

/** The text of a mark. */
export function markText(what: Marked): string {
  return FIRST_LINES[what] + "Do not use it: `decant clean` removes it.\n";
}

/** A lock on a mark; `undefined` where the file system has no locks. */
export function holdMark(path: string): Deno.FsFile | undefined {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path, { read: true, write: true });
    if (file.tryLockSync(true)) return file;
  } catch {
    // It works without, and nobody can tell then that it is in use.
  }
  file?.close();
  return undefined;
}

/** Whether a mark is one of Decant's, and whether a running program holds it. */
export function readMark(path: string, what: Marked): "held" | "left" | undefined {
  let file: Deno.FsFile;
  try {
    if (!Deno.lstatSync(path).isFile) return undefined;
    file = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    const start = new Uint8Array(FIRST_LINES[what].length);
    const length = file.readSync(start) ?? 0;
    if (new TextDecoder().decode(start.subarray(0, length)) !== FIRST_LINES[what]) return undefined;
    return isFree(file) ? "left" : "held";
  } finally {
    file.close();
  }
}

function isFree(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(false);
  } catch {
    return true;
  }
}
