/** The snapshot that is open, and what is asked of it. @module */

import { UsageError } from "../../src/errors.ts";
import { loadKeyring, MemoryScratch, type OpenSnapshot, openSnapshot } from "../../mod.ts";
import { gather, recordBytes, recordView } from "./find.ts";
import { FilesDirectory } from "./files_directory.ts";
import { KeyList } from "./key_list.ts";
import type { Work } from "./main.ts";
import type {
  Calls,
  KeyFiles,
  KeyPage,
  Opening,
  Overview,
  RecordView,
  Saved,
  Saving,
  ScopeName,
} from "./protocol.ts";
import { outputFile, save, SCRATCH } from "./save.ts";

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
  #opening: Opening | undefined;
  #hasDigests = false;
  #scope: ScopeName | undefined;
  #list = new KeyList();

  async open(opening: Opening, work: Work): Promise<Overview> {
    const open = await this.#read(opening, false, work);
    return { report: await open.inspect(), passedOver: open.passedOver };
  }

  /** @param hash Whether digests of the files are wanted: they take longer than all else. */
  async #read(opening: Opening, hash: boolean, { signal, progress }: Work): Promise<OpenSnapshot> {
    const { picked, keys, at } = opening;
    const inputs = picked.folder === undefined
      ? picked.files.map(({ file }) => file)
      : new FilesDirectory(picked.folder, picked.files);
    const open = await openSnapshot(inputs, {
      at: at === undefined ? undefined : BigInt(at),
      keys: keys && await readKeys(keys),
      hash,
      scratch: new MemoryScratch(SCRATCH),
      signal,
      progress: (done, total) => progress({ done, total, unit: "bytes" }),
    });
    // Until then the other one stays: this one may be cancelled.
    this.#open?.close();
    this.#opening = opening;
    this.#hasDigests = hash;
    return this.#open = open;
  }

  async list(scope: ScopeName, { signal }: Work): Promise<{ total: number }> {
    const list = this.#list = new KeyList();
    this.#scope = scope;
    await gather(this.#snapshot, scope, list, signal);
    return { total: list.total };
  }

  filter(text: string): Promise<{ count: number }> {
    this.#list.filter(text);
    return Promise.resolve({ count: this.#list.count });
  }

  keys({ from, to }: { from: number; to: number }): Promise<KeyPage> {
    const { count, total } = this.#list;
    return Promise.resolve({ keys: this.#list.slice(from, to), count, total });
  }

  seek({ text, from }: { text: string; from: number }): Promise<number> {
    return Promise.resolve(this.#list.seek(text, from));
  }

  record(id: string, { signal }: Work): Promise<RecordView> {
    return recordView(this.#snapshot, this.#listed, id, signal);
  }

  async saveRecord(
    { id, target }: Parameters<Calls["saveRecord"]>[0],
    { signal }: Work,
  ): Promise<{ file?: Blob }> {
    const output = await outputFile(target);
    try {
      for await (const bytes of recordBytes(this.#snapshot, this.#listed, id, signal)) {
        await output.write(bytes);
      }
      await output.close();
    } catch (error) {
      await output.abort();
      throw error;
    }
    return { file: output.file };
  }

  get #listed(): ScopeName {
    if (this.#scope) return this.#scope;
    throw new UsageError("nothing is listed");
  }

  async save(saving: Saving, work: Work): Promise<Saved> {
    // The manifest of a dump names the files by their digests.
    if (!this.#hasDigests && saving.format !== "records") {
      await this.#read(this.#opening!, true, work);
    }
    return await save(this.#snapshot, saving, work);
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
