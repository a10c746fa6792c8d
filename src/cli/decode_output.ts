/** Where a decode writes to, made before anything is read: folder, file, standard output or nowhere. @module */

import { CountingSink } from "../sinks/counting_sink.ts";
import { DenoDirectorySink } from "../sinks/deno_directory_sink.ts";
import { DenoOutputFile } from "../sinks/deno_output_file.ts";
import { type TarOutput, TarSink } from "../sinks/tar_sink.ts";
import type { Scratch } from "../sources/scratch.ts";
import type { Sink } from "../tree/sink.ts";
import type { DecodeFlags } from "./decode_command.ts";
import { scratchOf } from "./open.ts";
import { STANDARD_OUTPUT, StandardOutput } from "./standard_output.ts";

/** A place for a dump or for a stream. */
export interface DecodeOutput {
  /** Takes the files of a dump; absent when the format is a stream. */
  sink?: Sink;
  /** Takes the lines of a stream; absent when the format is a dump. */
  stream?: TarOutput;
  scratch: Scratch;
  /** Whether what is written can be seen before all of it is known to be good. */
  isIrrevocable: boolean;
}

/** A dump or a stream that goes nowhere, for dry runs and checks. */
export function nowhere({ format }: DecodeFlags, scratch: Scratch): DecodeOutput {
  const isIrrevocable = false;
  if (format === "tree" || format === "tar") {
    return { sink: new CountingSink(), scratch, isIrrevocable };
  }
  const nothing = (): void => {};
  return { stream: { write: nothing, close: nothing, abort: nothing }, scratch, isIrrevocable };
}

/**
 * Makes the output.
 *
 * @throws {OutputError} `output-exists` when there is something already.
 */
export function makeOutput(flags: DecodeFlags, signal: AbortSignal): DecodeOutput {
  const { output, format, dryRun, spool } = flags;
  const scratch = scratchOf(flags);
  try {
    if (dryRun || output === undefined) return nowhere(flags, scratch);
    if (format === "tree") {
      const sink = new DenoDirectorySink(output);
      return { sink, scratch: spool === undefined ? sink.scratch : scratch, isIrrevocable: false };
    }
    return makeStream(flags, output, scratch, signal);
  } catch (error) {
    scratch.close();
    throw error;
  }
}

function makeStream(
  { format, wallTime }: DecodeFlags,
  output: string,
  scratch: Scratch,
  signal: AbortSignal,
): DecodeOutput {
  const isIrrevocable = output === STANDARD_OUTPUT;
  const stream = isIrrevocable
    ? new StandardOutput(signal, format === "records")
    : new DenoOutputFile(output);
  return format === "tar"
    ? { sink: new TarSink(stream, scratch, wallTime), scratch, isIrrevocable }
    : { stream, scratch, isIrrevocable };
}

/** The same sink; `onBytes` is called with the bytes that go into it. */
export function measured(sink: Sink, onBytes: (bytes: number) => void): Sink {
  return {
    takesBack: sink.takesBack,
    folder: sink.folder && { ...sink.folder, wrote: onBytes },
    keepsNames: () => sink.keepsNames(),
    put(path, bytes) {
      onBytes(bytes.length);
      return sink.put(path, bytes);
    },
    create: async (path, size) => {
      const file = await sink.create(path, size);
      return file && {
        write(bytes) {
          onBytes(bytes.length);
          return file.write(bytes);
        },
        close: () => file.close(),
        discard: () => file.discard!(),
      };
    },
    directory: (path) => sink.directory(path),
    finish: () => sink.finish(),
    abort: () => sink.abort(),
  };
}
