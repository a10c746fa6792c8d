/** Programs of the system that tests run, where they are installed. @module */

/** Whether a program can be started. */
export function hasProgram(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(`${folder}/${name}`));
}

/** Whether the tests that need something are left out. Where CI is set, they fail instead. */
export function isMissing(there: boolean): boolean {
  return !there && Deno.env.get("CI") !== "true";
}

/** Whether there is a file. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
