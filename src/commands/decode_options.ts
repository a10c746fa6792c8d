/** What can be asked of a decode, whatever it writes. @module */

import type { AdapterOptions } from "../adapters/context.ts";
import type { Accepted } from "../adapters/ledger.ts";
import type { AdapterName } from "../keyspace/families.ts";

/** Options of a decode. Every member has a default. */
export interface DecodeOptions extends AdapterOptions {
  /** The adapters to decode; all four, or those that `scopes` names. */
  adapters?: readonly AdapterName[];
  /** Names of the tables, buckets, databases or queues to decode, by adapter, as reports write them; all. */
  scopes?: { readonly [adapter in AdapterName]?: readonly string[] };
  /** Publish what is sound although something is not; `false`. */
  keepGoing?: boolean;
  /** Write all rows that nothing else writes, as they are stored; `false`. */
  raw?: boolean;
  /** Losses that are known and accepted; none. */
  accept?: readonly Accepted[];
  /**
   * Give files names that every common file system keeps; `false`: only where the sink does not keep all
   * names. For dumps that will be copied, and archives that will be unpacked elsewhere.
   */
  portableNames?: boolean;
  /** Which kernels to use; WebAssembly where it can be had. */
  kernel?: "wasm" | "js";
  /** Name of the cluster, for the manifest. */
  clusterId?: string;
  /** The moment for the manifest, by RFC 3339; now. */
  wallTime?: string;
  /** Stops the decode when it fires. */
  signal?: AbortSignal;
  /** Called now and then with the rows done and the rows to do. */
  progress?: (done: number, total: number) => void;
}
