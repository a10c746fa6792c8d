/**
 * Decodes a snapshot with one huge object into a sink that only counts, and prints what was written, and
 * how far the process grew.
 *
 *   deno run -A memory_program.ts CHUNKS
 *
 * @module
 */

import { decode } from "../../../src/commands/decode.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { CountingSink } from "../../../src/sinks/counting_sink.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import type { SinkFile } from "../../../src/tree/sink.ts";
import { HugeObject } from "./huge_object.ts";

const MIB = 1 << 20;

/** Checks the bytes of the object, and looks at the memory after each piece. */
class BodySink extends CountingSink {
  size = 0;
  wrong = 0;
  longest = 0;
  peak = 0;

  override create(path: string): SinkFile | undefined {
    const file = super.create(path);
    if (!file || !path.endsWith("/huge")) return file;
    return {
      write: (bytes) => {
        const expected = Math.floor(this.size / MIB) & 0xff;
        if (bytes[0] !== expected || bytes[bytes.length - 1] !== expected) this.wrong++;
        this.size += bytes.length;
        this.longest = Math.max(this.longest, bytes.length);
        this.peak = Math.max(this.peak, Deno.memoryUsage().rss);
        return file.write(bytes);
      },
      close: () => file.close(),
    };
  }
}

const source = new HugeObject(Number(Deno.args[0]));
const before = Deno.memoryUsage().rss;
const snapshot = await openSnapshotInputs([{ source }]);
const opened = source.bytesRead;
const sink = new BodySink();
const report = await decode(snapshot, sink, { adapters: ["s3"] }, new MemoryScratch(0));
const { size, wrong, longest, peak } = sink;
const [{ fates }] = report.accounts;
const read = source.bytesRead - opened;
console.log(
  JSON.stringify({
    exit: report.exitCode,
    fates,
    size,
    wrong,
    longest,
    read,
    taken: peak - before,
  }),
);
