/** A dump of which only the files that close it are kept: what it would be, without its contents. @module */

import type { Scratch } from "../sources/scratch.ts";
import { CHECKSUMS_FILE, MANIFEST_FILE } from "../tree/output.ts";
import type { SinkFile } from "../tree/sink.ts";
import { Backlog } from "./backlog.ts";
import { CountingSink } from "./counting_sink.ts";

/** Takes everything and keeps MANIFEST.json and CHECKSUMS. */
export class OutlineSink extends CountingSink {
  /** MANIFEST.json, when the dump is finished. */
  manifest: Uint8Array = new Uint8Array(0);
  /** CHECKSUMS. Its user closes it. */
  readonly checksums: Backlog;

  /**
   * Nothing is kept yet.
   *
   * @param scratch For CHECKSUMS, which may have a line for each of millions of files.
   */
  constructor(scratch: Scratch) {
    super();
    this.checksums = new Backlog(scratch);
  }

  /** See `Sink.put`. */
  override put(path: string, bytes: Uint8Array): boolean {
    if (path === MANIFEST_FILE) this.manifest = bytes.slice();
    return super.put(path, bytes);
  }

  /** See `Sink.create`. */
  override create(path: string): SinkFile | undefined {
    const file = super.create(path);
    if (!file || path !== CHECKSUMS_FILE) return file;
    return { write: (bytes) => this.checksums.append(bytes), close: () => {} };
  }
}
