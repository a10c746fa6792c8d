/** Watches how memory grows with the number of files. @module */

/** Bytes. */
export const MIB = 1 << 20;

/** What was seen. */
export interface FilesMemory {
  rows: number;
  /** What an open snapshot held, after a collection. */
  held: number;
  /** Growth of what the process took from the system while the files were opened and walked over. */
  taken: number;
}

/** Opens files of `size` bytes whose keys alternate, in a process of its own, and walks over all rows. */
export async function watchFiles(files: number, size: number): Promise<FilesMemory> {
  const program = new URL("./files_program.ts", import.meta.url).pathname;
  const args = [files, size, 1000].map(String);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--v8-flags=--expose-gc", program, ...args],
  }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(text.decode(stderr));
  const memory: FilesMemory = JSON.parse(text.decode(stdout));
  const mib = (n: number): string => `${(n / MIB).toFixed(1)} MiB`;
  console.log(
    `${files} files of ${mib(size)}: ${mib(memory.held)} held, the process grew by ` +
      mib(memory.taken),
  );
  return memory;
}
