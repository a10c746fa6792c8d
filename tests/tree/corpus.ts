/** The dumps that the reference wrote; they lie beside the repository and are absent on most machines. */

const CORPUS = new URL("../../../shared/corpus/", import.meta.url);

/** Whether they are there. */
export const hasCorpus: boolean = (() => {
  try {
    return Deno.statSync(CORPUS).isDirectory;
  } catch {
    return false;
  }
})();

/** Path below `folder` of the corpus → bytes, of all files whose path matches. */
export function corpusFiles(folder: string, pattern: RegExp): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const walk = (path: string) => {
    for (const entry of Deno.readDirSync(new URL(encodeURI(path), CORPUS))) {
      const inside = path + entry.name;
      if (entry.isDirectory) walk(inside + "/");
      else if (entry.isFile && pattern.test(inside)) {
        files.set(inside, Deno.readFileSync(new URL(CORPUS).pathname + inside));
      }
    }
  };
  walk(folder + "/");
  return files;
}
