/** Watches how far memory grows while a generated table is decoded. @module */

/** Bytes. */
export const MIB = 1 << 20;

/** What was seen. */
export interface Memory {
  read: number;
  /** Growth of what the process took from the system. */
  taken: number;
  /** What was in use after a collection, where it was asked for. */
  used: number;
  exit: number;
  fates: Record<string, number>;
}

/**
 * Decodes a table in a process of its own: `stream`, or `moving` for one that is being moved, of which
 * every fifth row has been. Where `collect` is set, what is really in use is looked at, which is slow.
 */
export async function watch(
  table: "stream" | "moving",
  count: number,
  collect: boolean,
): Promise<Memory> {
  const flags = collect ? ["--v8-flags=--expose-gc"] : [];
  const program = new URL("./memory_program.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", ...flags, program, table, String(count)],
  }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(text.decode(stderr));
  const memory: Memory = JSON.parse(text.decode(stdout));
  const mib = (n: number): string => `${Math.round(n / MIB)} MiB`;
  console.log(
    `${count} rows, ${table}: ${mib(memory.read)} read, the process grew by ${mib(memory.taken)}` +
      (memory.used > 0 ? `, ${mib(memory.used)} in use` : ""),
  );
  return memory;
}
