/** The captured files that lie beside the repository; absent on most machines. */

const CORPUS = new URL("../../../shared/corpus/real/", import.meta.url);

/** Path of a captured file. */
export function corpusPath(name: string): string {
  return new URL(name, CORPUS).pathname;
}

/** Whether the file is there. */
export function inCorpus(name: string): boolean {
  try {
    return Deno.statSync(corpusPath(name)).isFile;
  } catch {
    return false;
  }
}

/** The bytes of a file that is stored with gzip. */
export async function gunzipped(name: string): Promise<Uint8Array> {
  using file = Deno.openSync(corpusPath(name));
  const plain = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}
