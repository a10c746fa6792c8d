/** Decodes a snapshot into memory with one or more adapters, below the commands. @module */

import type { AdapterModule } from "../../src/adapters/adapter.ts";
import {
  AdapterContext,
  type AdapterOptions,
  type WarningFields,
} from "../../src/adapters/context.ts";
import { type Account, Ledger } from "../../src/adapters/ledger.ts";
import { bookUnwanted } from "../../src/adapters/unwanted_rows.ts";
import { type RecordSelection, selectedRows } from "../../src/adapters/wanted_rows.ts";
import { loadKernels } from "../../src/kernels/kernels.ts";
import type { Keyring } from "../../src/mvcc/keyring.ts";
import type { Problem } from "../../src/mvcc/problems.ts";
import { openSnapshotInputs, type Snapshot } from "../../src/mvcc/snapshot.ts";
import { MemorySink } from "../../src/sinks/memory_sink.ts";
import { BytesSource } from "../../src/sources/bytes_source.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";
import type { Source } from "../../src/sources/source.ts";
import { TreeOutput } from "../../src/tree/output.ts";

export interface Decoded {
  snapshot: Snapshot;
  context: AdapterContext;
  /** Path → contents, in the adapter's folder. */
  files: Map<string, Uint8Array>;
  /** Path → contents of what the folder has no place for. */
  extra: Map<string, Uint8Array>;
  directories: Set<string>;
  problems: Problem[];
  warnings: { event: string; fields: WarningFields }[];
  ledger: Ledger;
  /** Accounts of the adapters' own families that do not add up; must be empty. */
  unbalanced: Account[];
  scopes: Uint8Array[];
  /** Record lines, when they were asked for. */
  lines: Uint8Array;
}

/** Runs an adapter over snapshot bytes (or sources) and checks nothing. */
export async function decodeWith(
  adapter: AdapterModule,
  inputs: (Uint8Array | Source)[] | Uint8Array,
  options: AdapterOptions & {
    at?: bigint;
    keys?: Keyring;
    kernel?: "wasm" | "js";
    records?: boolean;
    /** Raw names of the adapter's scopes; all unless given. */
    scopesOnly?: Uint8Array[];
  } = {},
): Promise<Decoded> {
  const list = inputs instanceof Uint8Array ? [inputs] : inputs;
  const snapshot = await openSnapshotInputs(
    list.map((input) => ({
      source: input instanceof Uint8Array ? new BytesSource(input, "test.fsm") : input,
    })),
    { at: options.at, keys: options.keys },
  );
  const own = adapter.books(options);
  const totals = snapshot.info.totals.filter(({ family }) => own.has(family.id));
  const ledger = new Ledger(totals);
  const problems: Problem[] = [];
  const warnings: Decoded["warnings"] = [];
  const scratch = new MemoryScratch(1 << 30);
  const context = new AdapterContext({
    rows: snapshot,
    kernels: await loadKernels(options.kernel),
    scratch,
    ledger,
    options,
    handlers: {
      onProblem: (problem) => void problems.push(problem),
      onWarning: (event, fields) => void warnings.push({ event, fields }),
    },
    totals: snapshot.info.totals,
  });
  const selection: RecordSelection = { scopes: options.scopesOnly };
  const sink = new MemorySink();
  const parts: Uint8Array[] = [];
  let scopes: Uint8Array[] = [];
  if (options.records) {
    await adapter.writeRecords(context, selection, {
      write: (bytes) => void parts.push(bytes.slice()),
    });
  } else scopes = await adapter.writeTree(context, selection, new TreeOutput(sink, scratch));
  const wanted = selectedRows(
    totals,
    options.scopesOnly ? { [adapter.name]: options.scopesOnly } : {},
  );
  await bookUnwanted(context, wanted, totals, own);
  return {
    snapshot,
    context,
    ...withoutExtra(sink.files),
    directories: sink.directories,
    problems,
    warnings,
    ledger,
    unbalanced: ledger.unbalanced,
    scopes,
    lines: new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()),
  };
}

/** Files as the reference writes them, and those beside them that only Decant writes. */
export function withoutExtra(
  all: Map<string, Uint8Array>,
): { files: Map<string, Uint8Array>; extra: Map<string, Uint8Array> } {
  const isExtra = ([path]: [string, Uint8Array]): boolean => path.startsWith("_extra/");
  const files = new Map([...all].filter((file) => !isExtra(file)));
  return { files, extra: new Map([...all].filter(isExtra)) };
}

/** Contents of a file as text. */
export function textOf(decoded: Decoded, path: string): string | undefined {
  const bytes = decoded.files.get(path);
  return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
