/**
 * The file list of a bundle: what its table files are.
 *
 * ```text
 * {"version":1,"last_commit_ts":u64,"min_retained_ts":u64,"pending_min_retained_ts":u64,
 *  "applied_index":u64?,"entry_count":n,"uncompressed_bytes":n,"total_file_bytes":n,
 *  "files":null | [{"name":"000000.sst","size":n,"sha256":hex,"smallest":base64,"largest":base64}…]}
 * ```
 *
 * A node writes at most 2^20 files; a file list of the greatest length has not room for half of them.
 * `uncompressed_bytes` counts the stored keys and stored values of all entries. A member that is
 * missing or unknown is refused: it would mean something that this program does not know of.
 *
 * @module
 */

import { fromBase64, STANDARD } from "../../bytes/base64.ts";
import { compareBytes } from "../../bytes/compare.ts";
import { UnsoundError, UnsupportedError } from "../../errors.ts";
import {
  asString,
  asStringBytes,
  asUint64,
  items,
  type JsonNode,
  members,
  parseJson,
} from "../../text/json_reader.ts";
import { DAMAGED } from "./table_file.ts";

/** What the file list says. */
export interface FileList {
  /** The commit timestamp that the store names as its last. */
  lastCommitTs: bigint;
  /** Reads below this timestamp are not complete; 0 = none. */
  minRetainedTs: bigint;
  /** The same for a compaction in progress; 0 = none. */
  pendingMinRetainedTs: bigint;
  /** Last Raft index that changed data; absent in old stores. */
  appliedIndex?: bigint;
  /** Entries of all tables. */
  entryCount: bigint;
  /** Bytes of all stored keys and values. */
  uncompressedBytes: bigint;
  /** In order of their keys, which do not overlap. */
  files: ListedFile[];
}

/** One table file. */
export interface ListedFile {
  /** `000000.sst` and so on. */
  name: string;
  /** In bytes. */
  size: number;
  /** 64 lower-case hex digits. */
  sha256: string;
  /** First stored key. */
  smallest: Uint8Array;
  /** Last stored key. */
  largest: Uint8Array;
}

const VERSION = 1n;
const OPTIONAL = "applied_index";
const MEMBERS = [
  "version",
  "last_commit_ts",
  "min_retained_ts",
  "pending_min_retained_ts",
  OPTIONAL,
  "entry_count",
  "uncompressed_bytes",
  "total_file_bytes",
  "files",
];
const FILE_MEMBERS = ["name", "size", "sha256", "smallest", "largest"];

/**
 * Reads and checks a file list.
 *
 * @param offset Of the file list in the file, for messages.
 * @throws {UnsoundError} `bad-table`.
 * @throws {UnsupportedError} `unsupported-format` for another version.
 */
export function parseFileList(json: Uint8Array, file: string, offset: number): FileList {
  const list = object(root(), MEMBERS, "the file list");
  const version = integer(list, "version");
  if (version !== VERSION) {
    throw new UnsupportedError("unsupported-format", `bundle version ${version} is not read`, {
      file,
      offset,
      hint: "use a newer version of this program",
    });
  }
  const files = parseFiles(list.get("files")!);
  const total = files.reduce((sum, { size }) => sum + BigInt(size), 0n);
  if (total !== integer(list, "total_file_bytes")) {
    throw bad("names a total size that its files do not have");
  }
  const entryCount = integer(list, "entry_count");
  if (entryCount < files.length) throw bad("has more files than entries");
  return {
    lastCommitTs: integer(list, "last_commit_ts"),
    minRetainedTs: integer(list, "min_retained_ts"),
    pendingMinRetainedTs: integer(list, "pending_min_retained_ts"),
    appliedIndex: list.has(OPTIONAL) ? integer(list, OPTIONAL) : undefined,
    entryCount,
    uncompressedBytes: integer(list, "uncompressed_bytes"),
    files,
  };

  function root(): JsonNode {
    try {
      return parseJson(json);
    } catch (error) {
      throw bad("is not JSON", error);
    }
  }

  function parseFiles(array: JsonNode): ListedFile[] {
    if (array.kind === "null") return [];
    if (array.kind !== "array") throw bad('has "files" that are no array');
    const files: ListedFile[] = [];
    for (const item of items(array)) {
      const next = parseFile(item, files.length);
      if (files.length > 0 && compareBytes(files[files.length - 1].largest, next.smallest) >= 0) {
        throw bad(`has keys in ${next.name} that are not behind those before it`);
      }
      files.push(next);
    }
    return files;
  }

  function parseFile(value: JsonNode, position: number): ListedFile {
    const members = object(value, FILE_MEMBERS, "a file");
    const name = `${position.toString().padStart(6, "0")}.sst`;
    if (asString(members.get("name")!) !== name) throw bad(`should have the file ${name} here`);
    const size = integer(members, "size");
    if (size === 0n || size > Number.MAX_SAFE_INTEGER) throw bad(`gives ${name} the size ${size}`);
    const sha256 = asString(members.get("sha256")!) ?? "";
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw bad(`has no SHA-256 of ${name}`);
    const smallest = key(members.get("smallest")!, name);
    const largest = key(members.get("largest")!, name);
    if (compareBytes(smallest, largest) > 0) throw bad(`has keys of ${name} the wrong way round`);
    return { name, size: Number(size), sha256, smallest, largest };
  }

  function key(value: JsonNode, name: string): Uint8Array {
    const text = asStringBytes(value);
    const key = text && fromBase64(STANDARD, text);
    if (!key || key.length === 0) throw bad(`has no range of keys for ${name}`);
    return key;
  }

  /** The members of an object: all of these, each once, and no others. */
  function object(value: JsonNode, names: string[], what: string): Map<string, JsonNode> {
    if (value.kind !== "object") throw bad(`has ${what} that is no object`);
    const found = new Map<string, JsonNode>();
    for (const member of members(value)) {
      const name = asString(member.name)!;
      if (!names.includes(name)) {
        throw bad(`has ${what} with the unknown member "${name.slice(0, 40)}"`);
      }
      if (found.has(name)) throw bad(`has ${what} with two members "${name}"`);
      found.set(name, member.value);
    }
    for (const name of names) {
      if (name !== OPTIONAL && !found.has(name)) throw bad(`has ${what} without "${name}"`);
    }
    return found;
  }

  function integer(members: Map<string, JsonNode>, name: string): bigint {
    const value = asUint64(members.get(name)!);
    if (value === undefined) throw bad(`has "${name}" that is no integer of 64 bits`);
    return value;
  }

  function bad(message: string, cause?: unknown): UnsoundError {
    const place = { file, offset, hint: DAMAGED };
    return new UnsoundError("bad-table", `the bundle's file list ${message}`, place, { cause });
  }
}
