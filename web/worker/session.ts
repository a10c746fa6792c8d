/** The snapshot that is open, and what is asked of it. @module */

import { UsageError } from "../../src/errors.ts";
import { loadKeyring, MemoryScratch, type OpenSnapshot, openSnapshot } from "../../mod.ts";
import { FilesDirectory } from "./files_directory.ts";
import type { Work } from "./main.ts";
import type { Calls, KeyFiles, Opening, Overview, Saved, Saving } from "./protocol.ts";
import { save, SCRATCH } from "./save.ts";

/** {@link Calls} as they are answered. */
type Answers = {
  [Name in keyof Calls]: (
    argument: Parameters<Calls[Name]>[0],
    work: Work,
  ) => Promise<ReturnType<Calls[Name]>>;
};

/** One page's snapshot. */
export class Session implements Answers {
  #open: OpenSnapshot | undefined;

  async open({ picked, keys, at }: Opening, { signal, progress }: Work): Promise<Overview> {
    this.#open?.close();
    this.#open = undefined;
    const inputs = picked.folder === undefined
      ? picked.files.map(({ file }) => file)
      : new FilesDirectory(picked.folder, picked.files);
    const open = await openSnapshot(inputs, {
      at: at === undefined ? undefined : BigInt(at),
      keys: keys && await readKeys(keys),
      hash: true,
      scratch: new MemoryScratch(SCRATCH),
      signal,
      progress: (done, total) => progress({ done, total, unit: "bytes" }),
    });
    this.#open = open;
    return { report: await open.inspect(), passedOver: open.passedOver };
  }

  save(saving: Saving, work: Work): Promise<Saved> {
    return save(this.#snapshot, saving, work);
  }

  get #snapshot(): OpenSnapshot {
    if (this.#open) return this.#open;
    throw new UsageError("no snapshot is open");
  }
}

async function readKeys({ keys, kek }: KeyFiles) {
  const [file, secret] = await Promise.all([keys.arrayBuffer(), kek.arrayBuffer()]);
  return loadKeyring(new Uint8Array(file), new Uint8Array(secret), keys.name);
}
