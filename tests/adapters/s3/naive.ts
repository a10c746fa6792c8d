/**
 * What a bucket must become, worked out in the simplest way: everything in maps, every question asked of
 * every object. It shares no code with the adapter.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** A piece of a body. Texts have one character a byte. */
export interface Chunk {
  object: string;
  upload: string;
  part: number;
  chunk: number;
  version: number;
  offloaded: boolean;
  data: string;
}

/** A part of an object as its head has it. */
export interface Part {
  part: number;
  version: number;
  offloaded: boolean;
  count: number;
  sizes?: number[];
}

/** An object. */
export interface ObjectHead {
  object: string;
  upload: string;
  size: number;
  parts: Part[];
}

/** The body of an object, or `undefined` if it is not whole. */
export function naiveBody(head: ObjectHead, chunks: Chunk[]): string | undefined {
  const parts = new Map(head.parts.map((part) => [nameOf(part), part]));
  const sorted = [...parts.values()].sort((a, b) =>
    a.part - b.part || a.version - b.version || Number(a.offloaded) - Number(b.offloaded)
  );
  let body = "";
  for (const part of sorted) {
    if (part.count === 0) continue;
    const own = new Map<number, string>();
    for (const chunk of chunks) {
      const isOwn = chunk.object === head.object && chunk.upload === head.upload &&
        nameOf(chunk) === nameOf(part);
      if (isOwn) own.set(chunk.chunk, chunk.data);
    }
    if (own.size !== part.count) return undefined;
    if (part.sizes && part.sizes.length > 0 && part.sizes.length !== part.count) return undefined;
    for (let i = 0; i < part.count; i++) {
      const data = own.get(i);
      if (data === undefined) return undefined;
      if (part.sizes?.length && part.sizes[i] !== data.length) return undefined;
      body += data;
    }
  }
  return body.length === head.size ? body : undefined;
}

function nameOf({ part, version, offloaded }: Pick<Chunk, "part" | "version" | "offloaded">) {
  return `${part} ${version} ${offloaded}`;
}

const META = ".elastickv-meta.json";
const LEAF = ".elastickv-leaf-data";
const USER = ".user-data";

/** Key → path and kind, of all objects of a bucket, without the optional folders. */
export function naiveNames(keys: string[]): Map<string, [path: string, kind: string]> {
  const names = new Map<string, [string, string]>();
  const natural: string[] = [];
  for (const key of keys) {
    const kind = whyEscaped(key);
    if (kind) names.set(key, [escaped(key), kind]);
    else natural.push(key);
  }
  natural.sort((a, b) => a < b ? -1 : 1);
  const isFolder = (path: string) => natural.some((key) => key.startsWith(`${path}/`));
  const sidecars = new Set<string>();
  for (const key of natural) {
    let path = key;
    let kind = "";
    if (key.endsWith(META)) [path, kind] = [key + USER, "meta-suffix-rename"];
    else if (isFolder(key)) [path, kind] = [key + LEAF, "s3-leaf-data"];
    const folders = key.split("/").slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join("/"));
    const tooLong = path.split("/").at(-1)!.length > 235;
    const inUse = path !== key && (natural.includes(path) || isFolder(path));
    if (tooLong || inUse || folders.some((folder) => sidecars.has(folder))) {
      names.set(key, [escaped(key), "sha-fallback"]);
    } else {
      names.set(key, [path, kind]);
      sidecars.add(path + META);
    }
  }
  return names;
}

function whyEscaped(key: string): string | undefined {
  const parts = key.split("/");
  if (/[\0\\]/.test(key) || parts.some((part) => ["", ".", ".."].includes(part))) {
    return "s3-unsafe-key";
  }
  if (parts.length > 1 && ["_orphans", "_incomplete_uploads"].includes(parts[0])) {
    return "s3-unsafe-key";
  }
  if (["_bucket.json", "keymap.jsonl"].includes(parts[0].toLowerCase())) return "sha-fallback";
  if (parts.some((part) => part.toLowerCase().endsWith(META) && !part.endsWith(META))) {
    return "sha-fallback";
  }
  if (parts.some((part, i) => part.length > (i === parts.length - 1 ? 235 : 255))) {
    return "sha-fallback";
  }
  // deno-lint-ignore no-control-regex -- that is the point
  return /^[\x00-\x7f]*$/.test(key) ? undefined : "sha-fallback";
}

/** Keys of the tests have at most 64 bytes that need an escape. */
function escaped(key: string): string {
  const bytes = Uint8Array.from(key, (c) => c.charCodeAt(0));
  const readable = [...bytes.subarray(0, 64)].map((b) =>
    /[A-Za-z0-9._-]/.test(String.fromCharCode(b))
      ? String.fromCharCode(b)
      : "%" + b.toString(16).toUpperCase().padStart(2, "0")
  );
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32) + "__" + readable.join("");
}
