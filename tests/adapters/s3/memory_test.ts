/** The memory that a huge object takes: by construction none, whatever its size. */

import { ok, strictEqual } from "node:assert/strict";
import { AdapterContext } from "../../../src/adapters/context.ts";
import { Ledger } from "../../../src/adapters/ledger.ts";
import { s3 } from "../../../src/adapters/s3/mod.ts";
import { loadKernels } from "../../../src/kernels/kernels.ts";
import { openSnapshotInputs } from "../../../src/mvcc/snapshot.ts";
import { MemoryScratch } from "../../../src/sources/scratch.ts";
import { TreeOutput } from "../../../src/tree/output.ts";
import type { Sink, SinkFile } from "../../../src/tree/sink.ts";
import { HugeObject } from "./huge_object.ts";

/** 1 GiB takes a few seconds; 10,240 is the object of 10 GiB that must work as well. */
const CHUNKS = 1024;
const MIB = 1 << 20;
/** The rule is 256 MiB and three times the largest row. */
const ALLOWED = 256 * MIB;

/** Counts bytes, checks them, and looks at the memory after each piece. */
class CountingSink implements Sink {
  size = 0;
  wrong = 0;
  largest = 0;
  peak = 0;

  keepsNames(): boolean {
    return true;
  }

  put(): boolean {
    return true;
  }
  create(): SinkFile {
    return {
      write: (bytes) => {
        const expected = Math.floor(this.size / MIB) & 0xff;
        if (bytes[0] !== expected || bytes[bytes.length - 1] !== expected) this.wrong++;
        this.size += bytes.length;
        this.largest = Math.max(this.largest, bytes.length);
        this.peak = Math.max(this.peak, Deno.memoryUsage().rss);
      },
      close: () => {},
    };
  }
  directory(): void {}
  finish(): void {}
  abort(): void {}
}

Deno.test("an object of any size is streamed", async () => {
  const source = new HugeObject(CHUNKS);
  const before = Deno.memoryUsage().rss;
  const snapshot = await openSnapshotInputs([{ source }]);
  const opened = source.bytesRead;
  const own = s3.books({});
  const ledger = new Ledger(snapshot.info.totals.filter(({ family }) => own.has(family.id)));
  const scratch = new MemoryScratch(0);
  const context = new AdapterContext({
    totals: snapshot.info.totals,
    rows: snapshot,
    kernels: await loadKernels("js"),
    scratch,
    ledger,
    options: {},
    handlers: {
      onProblem: ({ error }) => {
        throw error;
      },
      onWarning: () => {},
    },
  });
  const sink = new CountingSink();
  await s3.writeTree(context, {}, new TreeOutput(sink, scratch));
  strictEqual(sink.size, CHUNKS * MIB);
  strictEqual(sink.wrong, 0);
  strictEqual(sink.largest, MIB, "it is written in the pieces in which it is stored");
  strictEqual(ledger.count("written"), CHUNKS + 2);
  ok(sink.peak - before < ALLOWED, `${(sink.peak - before) / MIB} MiB`);
  // One walk to know that everything is there, and one to write it.
  ok(
    source.bytesRead - opened < 2.1 * CHUNKS * MIB,
    `${(source.bytesRead - opened) / MIB} MiB read`,
  );
});
