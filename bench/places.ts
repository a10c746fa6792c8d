/** Folders to measure in. @module */

const MEMORY = "/dev/shm";

/** A new folder in memory, where there is a file system for that; otherwise among temporary files. */
export function makeFolder(dir?: string): string {
  return Deno.makeTempDirSync({
    dir: dir ?? (isFolder(MEMORY) ? MEMORY : undefined),
    prefix: PREFIX,
  });
}

const PREFIX = "decant-bench-";

/**
 * Mounts a memory file system outside of `/dev`, where Deno refuses all paths unless everything is
 * allowed. Only an administrator can.
 */
export function mountAside(): string | undefined {
  const path = Deno.makeTempDirSync({ prefix: PREFIX });
  const args = ["-t", "tmpfs", "tmpfs", path];
  try {
    if (new Deno.Command("mount", { args }).outputSync().success) return path;
  } catch {
    // There is no such program.
  }
  Deno.removeSync(path);
  console.error(
    "skipped: no file system can be mounted, so nothing is run with scoped permissions",
  );
  return undefined;
}

/** Takes it away again. */
export function unmount(path: string): void {
  new Deno.Command("umount", { args: [path] }).outputSync();
  Deno.removeSync(path);
}

/** Removes a file, or a folder with all that is in it, if it is there. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Removes all that is in a folder. */
export function empty(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) remove(`${folder}/${name}`);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
