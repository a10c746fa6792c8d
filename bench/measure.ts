/** What a program costs: time, processor time and memory. @module */

/** One run of a program. */
export interface Cost {
  /** From its start to its end. */
  seconds: number;
  /** Of the processor, in the program and in the system for it; of all its threads and children. */
  cpu_seconds: number;
  /** The most memory that it had at once. */
  peak_mib: number;
}

/** Milliseconds between two looks at the memory of a program. */
const GLANCE = 20;
const RUSAGE_CHILDREN = -1;

/**
 * Runs a program to its end. Nothing else may be started meanwhile.
 *
 * @param expected Exit codes that are fine.
 * @returns What it cost, and what it printed.
 */
export async function measure(
  command: string,
  args: string[],
  expected: readonly number[] = [0],
): Promise<Cost & { output: string }> {
  const before = childSeconds();
  const started = performance.now();
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "piped" }).spawn();
  let peak = 0;
  const look = (): void => void (peak = Math.max(peak, peakOf(child.pid)));
  const watch = setInterval(look, GLANCE);
  const { code, stdout, stderr } = await child.output();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  const text = new TextDecoder();
  if (!expected.includes(code)) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${text.decode(stderr)}`);
  }
  const cost = { seconds, cpu_seconds: childSeconds() - before, peak_mib: peak };
  return { ...cost, output: text.decode(stdout) };
}

/** MiB; 0 where nobody says, or when the process has just ended. */
function peakOf(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

const libc = Deno.build.os === "linux"
  ? Deno.dlopen("libc.so.6", { getrusage: { parameters: ["i32", "buffer"], result: "i32" } })
  : undefined;

/** Processor time of all programs that have ended; 0 where the system is not asked. */
function childSeconds(): number {
  // { seconds i64, microseconds i64 } in the program, then the same in the system, then other things
  const usage = new BigInt64Array(18);
  libc?.symbols.getrusage(RUSAGE_CHILDREN, usage);
  const [user, userMicros, system, systemMicros] = usage;
  return Number(user + system) + Number(userMicros + systemMicros) / 1e6;
}
