/**
 * The files of a dump in the one order that CHECKSUMS has: by their whole paths as bytes. Both are
 * walked side by side, so neither is ever held as a whole.
 *
 * @module
 */

import { UnsoundError } from "../errors.ts";
import type { WholeDirectory } from "../sources/directory.ts";
import { pause } from "../sources/pause.ts";
import { readAt, type Source } from "../sources/source.ts";
import type { Chunks } from "../text/lines.ts";
import { printable } from "../text/printable.ts";
import { compareUtf8 } from "../text/utf8.ts";
import { type Checksum, readChecksums } from "../tree/checksums.ts";
import { CHECKSUMS_FILE } from "../tree/output.ts";

const READ_LENGTH = 1 << 18;

/** A file in the folder, or what stands there instead of one. */
export interface DumpFile {
  /** Relative to the dump's folder, with `/`. */
  path: string;
  /** The same as the file system spells it. */
  stored: string;
  /** `false`: a symlink, a pipe, a device, a socket. */
  isFile: boolean;
}

/**
 * Everything in the folder but folders and CHECKSUMS. What is held are the names in one folder at a
 * time and in those above it: about 60 bytes a name, and 450 while Deno, which lists a folder as a
 * whole, is listing it.
 *
 * @param portable Whether the dump's names are portable. They are in Unicode's form NFC then; some file
 *   systems list them in another one.
 * @param signal Stops the listing.
 */
export async function* dumpFiles(
  directory: WholeDirectory,
  portable: boolean,
  signal?: AbortSignal,
): AsyncGenerator<DumpFile, void> {
  const spelling = portable ? (name: string) => name.normalize("NFC") : (name: string) => name;
  const listing = { directory, spelling, signal };
  for await (const file of filesIn(listing, { path: "", stored: "" })) {
    if (file.path !== CHECKSUMS_FILE) yield file;
  }
}

interface Listing {
  directory: WholeDirectory;
  /** A name as the dump spells it. */
  spelling: (name: string) => string;
  signal?: AbortSignal;
}

/** A folder of the dump, both paths with a slash at the end. */
type Folder = Pick<DumpFile, "path" | "stored">;

async function* filesIn(listing: Listing, folder: Folder): AsyncGenerator<DumpFile, void> {
  const { directory, spelling, signal } = listing;
  // The files in a folder come where its name with a slash comes: a-b, a.txt, a/b.
  const names: string[] = [];
  const others = new Set<string>();
  for await (const { name, kind } of directory.names(folder.stored.slice(0, -1))) {
    const turn = pause(signal);
    if (turn) await turn;
    names.push(kind === "directory" ? name + "/" : name);
    if (kind === "other") others.add(name);
  }
  for (const name of names.sort((a, b) => compareUtf8(spelling(a), spelling(b)))) {
    const path = folder.path + spelling(name);
    const stored = folder.stored + name;
    if (name.endsWith("/")) yield* filesIn(listing, { path, stored });
    else yield { path, stored, isFile: !others.has(name) };
  }
}

/**
 * The lines of a CHECKSUMS file, which must ascend by path.
 *
 * @throws {UnsoundError} `invalid-tree`.
 */
export async function* sortedChecksums(chunks: Chunks): AsyncGenerator<Checksum, void> {
  let last: string | undefined;
  for await (const line of readChecksums(chunks, CHECKSUMS_FILE)) {
    if (last !== undefined && compareUtf8(last, line.path) >= 0) {
      const what = last === line.path ? "is listed twice" : "is not in its place";
      throw new UnsoundError("invalid-tree", `${printable(line.path)} ${what}`, {
        file: CHECKSUMS_FILE,
        hint: "somebody edited the file: restore it, or decode again",
      });
    }
    last = line.path;
    yield line;
  }
}

/**
 * Two sequences that ascend by path, joined by it.
 *
 * @param signal Stops the walk.
 */
export async function* joinByPath<A extends { path: string }, B extends { path: string }>(
  a: AsyncIterator<A, void>,
  b: AsyncIterator<B, void>,
  signal?: AbortSignal,
): AsyncGenerator<[A | undefined, B | undefined], void> {
  let x = await a.next();
  let y = await b.next();
  while (!x.done || !y.done) {
    const turn = pause(signal);
    if (turn) await turn;
    const order = x.done ? 1 : y.done ? -1 : compareUtf8(x.value.path, y.value.path);
    yield [
      order <= 0 ? x.value ?? undefined : undefined,
      order >= 0 ? y.value ?? undefined : undefined,
    ];
    if (order <= 0) x = await a.next();
    if (order >= 0) y = await b.next();
  }
}

/** The bytes of a source; each piece is valid until the next one is asked for. */
export async function* chunksOf(source: Source): AsyncGenerator<Uint8Array, void> {
  const bytes = new Uint8Array(Math.min(READ_LENGTH, source.size));
  for (let at = 0;;) {
    const n = await source.read(at, bytes);
    if (n === 0) return;
    yield bytes.subarray(0, n);
    at += n;
  }
}

/** A whole file, which must not be larger than `limit` bytes. */
export async function readWhole(
  directory: WholeDirectory,
  path: string,
  limit: number,
): Promise<Uint8Array> {
  const source = await directory.open(path);
  try {
    if (source.size > limit) {
      throw new UnsoundError("too-large", `the file has more than ${limit} bytes`, { file: path });
    }
    return await readAt(source, 0, source.size);
  } finally {
    source.close();
  }
}
