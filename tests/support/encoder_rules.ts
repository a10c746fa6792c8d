/**
 * What elastickv's encoder refuses in a tree, told from the files alone: names and documents are read as
 * it reads them, by the simplest code there is. It shares nothing with what writes trees.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Path → contents. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The adapters, in the order in which they are encoded. */
export const ENCODED = ["redis", "dynamodb", "s3", "sqs"] as const;

type Refuse = (path: string, why: string) => void;
// deno-lint-ignore no-explicit-any
type Json = any;

/** What begins with this would be taken, and would come back as something else. */
const CHANGED = "comes back as something else: ";

/**
 * What the encoder would refuse: `path: why`, or `?: why` for the whole tree.
 *
 * @param alsoChanged Also what it would make something else of.
 */
export function refusalsIn(
  files: Files,
  adapters: readonly string[] = ENCODED,
  alsoChanged = true,
): string[] {
  const found: string[] = [];
  const refuse: Refuse = (path, why) => {
    if (alsoChanged || !why.startsWith(CHANGED)) found.push(`${path}: ${why}`);
  };
  checkManifest(files, adapters, refuse);
  if (adapters.includes("redis")) checkRedis(files, refuse);
  if (adapters.includes("dynamodb")) checkDynamodb(files, refuse);
  if (adapters.includes("s3")) checkS3(files, refuse);
  if (adapters.includes("sqs")) checkSqs(files, refuse);
  return found;
}

function checkManifest(files: Files, adapters: readonly string[], refuse: Refuse): void {
  const manifest = parsed(files, "MANIFEST.json", refuse);
  if (!manifest) return;
  if (manifest.format_version !== 1n) refuse("?", "format version");
  const said = manifest.exclusions ?? {};
  const flags = ["include_incomplete_uploads", "include_orphans", "preserve_sqs_visibility"];
  for (const flag of [...flags, "include_sqs_side_records"]) {
    if (typeof said[flag] !== "boolean") refuse("?", `no ${flag}`);
  }
  if ((manifest.last_commit_ts ?? 0n) >= 1n << 64n) refuse("?", "last_commit_ts");
  for (const adapter of adapters) {
    if (!manifest.adapters?.[adapter]) refuse("?", `no ${adapter} in the manifest`);
  }
  const has = (adapter: string, is: unknown): boolean => adapters.includes(adapter) && is === true;
  if (has("dynamodb", manifest.dynamodb_layout === "jsonl")) refuse("?", "jsonl");
  if (has("s3", said.include_incomplete_uploads)) refuse("?", "uploads");
  if (has("s3", said.include_orphans)) refuse("?", "orphans");
  if (has("sqs", said.preserve_sqs_visibility)) refuse("?", "visibility");
  if (has("sqs", said.include_sqs_side_records)) refuse("?", "side records");
}

// DynamoDB

function checkDynamodb(files: Files, refuse: Refuse): void {
  for (const table of foldersIn(files, "dynamodb/")) {
    const root = `dynamodb/${table}/`;
    const schema = parsed(files, `${root}_schema.json`, refuse);
    if (!schema) continue;
    const wrong = (why: string): void => refuse(`${root}_schema.json`, why);
    if (schema.format_version !== 1n) wrong("format version");
    if (!schema.table_name) wrong("no name");
    if (segment(utf8(schema.table_name ?? "")) !== table) wrong("another folder");
    const { hash_key, range_key } = schema.primary_key ?? {};
    if (!hash_key?.name) wrong("no hash key");
    const names = [hash_key?.name, range_key?.name].filter((name) => name);
    const indexes: Json[] = schema.global_secondary_indexes ?? [];
    const keys = new Set<string>();
    for (const path of pathsIn(files, `${root}items/`)) {
      if (!path.endsWith(".json")) continue;
      if (path.split("/").length > 2) refuse(root + "items/" + path, "too deep");
      const item = parsed(files, `${root}items/${path}`, refuse);
      const no = (why: string): void => refuse(`${root}items/${path}`, why);
      if (item === undefined) continue;
      for (const value of Object.values(item ?? {})) if (!isAttribute(value)) no("a value");
      const parts = names.map((name) => keyPart(item?.[name]));
      if (parts.includes(undefined)) no("its key");
      else if (keys.has(parts.join("\0\x01"))) no("the key of another one");
      keys.add(parts.join("\0\x01"));
      for (const { key_schema } of indexes) {
        const [hash, range] = [key_schema?.hash_key?.name ?? "", key_schema?.range_key?.name];
        if (item?.[hash] === undefined || (range && item[range] === undefined)) continue;
        if (keyPart(item[hash]) === undefined || (range && keyPart(item[range]) === undefined)) {
          no("the key in an index");
        }
      }
    }
  }
}

function isAttribute(value: Json): boolean {
  const entries = Object.entries(value ?? {}) as [string, Json][];
  if (entries.length !== 1) return false;
  const [kind, content] = entries[0];
  const all = (of: (one: Json) => boolean): boolean => Array.isArray(content) && content.every(of);
  const isText = (one: Json): boolean => typeof one === "string";
  const isBinary = (one: Json): boolean => isText(one) && padded(one) !== undefined;
  switch (kind) {
    case "S":
    case "N":
      return isText(content);
    case "B":
      return isBinary(content);
    case "BOOL":
    case "NULL":
      return typeof content === "boolean";
    case "SS":
    case "NS":
      return all(isText);
    case "BS":
      return all(isBinary);
    case "L":
      return all(isAttribute);
    case "M":
      return typeof content === "object" && Object.values(content).every(isAttribute);
    default:
      return false;
  }
}

/** A key attribute, so that equal ones are equal; numbers by their value. */
function keyPart(value: Json): string | undefined {
  if (!value || !isAttribute(value)) return undefined;
  if ("S" in value) return latin1(utf8(value.S));
  if ("B" in value) return latin1(padded(value.B)!);
  return "N" in value ? decimal(value.N) : undefined;
}

function decimal(literal: string): string | undefined {
  const space =
    "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
  const form = `^${space}([+-]?)([0-9]*)(?:\\.([0-9]*))?(?:[eE]${space}([+-]?[0-9]+))?${space}$`;
  const found = new RegExp(form).exec(literal);
  if (!found) return undefined;
  const [, sign, whole, fraction = "", power = "0"] = found;
  const digits = whole + fraction;
  const written = BigInt(power.replace(/^[+-]/, "")) * (power.startsWith("-") ? -1n : 1n);
  if (digits === "" || BigInt.asIntN(64, written) !== written) return undefined;
  const kept = digits.replace(/^0*/, "");
  if (kept === "") return "\x01";
  const exponent = BigInt.asIntN(64, BigInt(kept.length - fraction.length) + written);
  return `number ${sign === "-" ? "-" : ""}.${kept.replace(/0*$/, "")}e${exponent}`;
}

// S3

const SIDECAR = ".elastickv-meta.json";
const OWN = ["_orphans", "_incomplete_uploads"];

function checkS3(files: Files, refuse: Refuse): void {
  for (const path of pathsIn(files, "s3/")) {
    if (!path.includes("/") && !path.startsWith("_")) refuse(`s3/${path}`, "no bucket");
  }
  for (const folder of foldersIn(files, "s3/")) checkBucket(files, `s3/${folder}/`, folder, refuse);
}

function checkBucket(files: Files, root: string, folder: string, refuse: Refuse): void {
  const bucket = parsed(files, `${root}_bucket.json`, refuse);
  if (!bucket) return;
  if (bucket.format_version !== 1n) refuse(`${root}_bucket.json`, "format version");
  if (typeof bucket.name !== "string" || bucket.name === "") {
    return refuse(`${root}_bucket.json`, "no name");
  }
  if (segment(utf8(bucket.name)) !== folder) refuse(`${root}_bucket.json`, "another folder");
  const isTracker = files.has(`${root}KEYMAP.jsonl`) && !files.has(`${root}KEYMAP.jsonl${SIDECAR}`);
  const originals = isTracker ? readS3Keymap(files, root, refuse) : new Map<string, string>();
  const keys = new Set<string>();
  for (const path of pathsIn(files, root)) {
    const [first, second] = path.split("/");
    if (second !== undefined && OWN.includes(first)) {
      if (path.endsWith(SIDECAR)) refuse(root + path, "in a folder of the encoder's own");
      continue;
    }
    if (path === "_bucket.json" || (isTracker && path === "KEYMAP.jsonl")) continue;
    if (path.endsWith(SIDECAR)) continue;
    const headers = parsed(files, root + path + SIDECAR, refuse);
    if (!headers) continue;
    if (headers.format_version !== 1n) refuse(root + path + SIDECAR, "format version");
    const size = BigInt(files.get(root + path)!.length);
    if (size !== (headers.size_bytes ?? 0n)) refuse(root + path, "another size");
    const key = originals.get(path) ?? latin1(utf8(path));
    if (keys.has(key)) refuse(root + path, "the key of another one");
    keys.add(key);
  }
}

/** The original keys of renamed objects, as latin-1. */
function readS3Keymap(files: Files, root: string, refuse: Refuse): Map<string, string> {
  const originals = new Map<string, string>();
  const wrong = (why: string): void => refuse(`${root}KEYMAP.jsonl`, why);
  for (const { encoded, original, kind } of keymapLines(files, `${root}KEYMAP.jsonl`, refuse)) {
    const key = latin1(original);
    const parts = encoded.split("/");
    if (originals.has(encoded)) wrong("twice");
    originals.set(encoded, key);
    if (!["sha-fallback", "s3-leaf-data", "meta-suffix-rename"].includes(kind)) {
      wrong(`kind ${kind}`);
    }
    const isOdd = (names: string[]): boolean =>
      names.some((name) => ["", ".", ".."].includes(name)) || OWN.includes(names[0]);
    if (encoded.includes("\\") || isOdd(parts) || encoded.endsWith(SIDECAR)) wrong("encoded");
    if (["_bucket.json", "KEYMAP.jsonl"].includes(encoded)) wrong("encoded");
    if (/[\0\\]/.test(key) || isOdd(key.split("/"))) wrong("original");
    if (kind === "s3-leaf-data" && !encoded.endsWith(".elastickv-leaf-data")) wrong("leaf");
    if (kind === "meta-suffix-rename" && !key.endsWith(SIDECAR)) wrong("suffix");
    if (!files.has(root + encoded)) wrong("no such file");
  }
  return originals;
}

// Redis

const TYPES = [
  ["strings", ".bin"],
  ["hll", ".bin"],
  ["hashes", ".json"],
  ["lists", ".json"],
  ["sets", ".json"],
  ["zsets", ".json"],
  ["streams", ".jsonl"],
] as const;
const ELEMENTS: Record<string, string> = {
  hashes: "fields",
  lists: "items",
  sets: "members",
  zsets: "members",
};

function checkRedis(files: Files, refuse: Refuse): void {
  const databases = foldersIn(files, "redis/").filter((name) => /^db_(0|[1-9][0-9]*)$/.test(name));
  if (databases.some((name) => name !== "db_0")) refuse("redis/", "databases");
  const root = "redis/db_0/";
  const keymap = new Map<string, string>();
  for (const line of keymapLines(files, `${root}KEYMAP.jsonl`, refuse)) {
    keymap.set(line.encoded, latin1(line.original));
  }
  const times = { strings: timesIn(files, `${root}strings_ttl.jsonl`, refuse), hll: new Map() };
  times.hll = timesIn(files, `${root}hll_ttl.jsonl`, refuse);
  const expiring = new Set<string>();
  for (const [folder, suffix] of TYPES) {
    const keys = new Set<string>();
    for (const name of pathsIn(files, `${root}${folder}/`)) {
      if (name.includes("/") || !name.endsWith(suffix)) continue;
      const path = `${root}${folder}/${name}`;
      const stem = name.slice(0, -suffix.length);
      const key = keyOf(stem, keymap);
      if (key === undefined) {
        refuse(path, "its name");
        continue;
      }
      if (keys.has(key)) refuse(path, "the key of another one");
      keys.add(key);
      const bytes = files.get(path)!;
      if (folder === "hll" && !times.hll.get(stem) && bytes[0] === 0xff && bytes[1] === 2) {
        refuse(path, CHANGED + "read as an envelope");
      }
      const time = folder === "strings" || folder === "hll"
        ? times[folder].get(stem)
        : checkCollection(files, path, folder, refuse);
      if (time === 0n) refuse(path, CHANGED + "would never expire");
      if (folder === "strings" || time === undefined) continue;
      if (expiring.has(key)) refuse(path, "a second time of expiry");
      expiring.add(key);
    }
  }
}

/** Checks a collection; returns when it expires. */
function checkCollection(
  files: Files,
  path: string,
  folder: string,
  refuse: Refuse,
): bigint | undefined {
  const wrong = (why: string): undefined => void refuse(path, why);
  if (folder === "streams") return checkStream(files, path, wrong);
  const document = parsed(files, path, refuse);
  if (!document) return;
  if (document.format_version !== 1n) wrong("format version");
  const seen = new Set<string>();
  for (const element of document[ELEMENTS[folder]] ?? []) {
    const names = folder === "hashes"
      ? [element.name, element.value]
      : [folder === "zsets" ? element.member : element];
    if (!names.every(isBinval)) wrong("a value");
    if (folder === "lists") continue;
    const name = text(names[0]);
    // Around a member's name stand a prefix, a length and a score; the key is short enough.
    if (utf8(name).length > (1 << 20) - 32) wrong("an element that is too long");
    if (seen.has(name)) wrong("an element twice");
    seen.add(name);
    if (folder === "zsets" && !isScore(element.score)) wrong("a score");
  }
  return timeIn(document.expire_at_ms, wrong);
}

function checkStream(
  files: Files,
  path: string,
  wrong: (why: string) => undefined,
): bigint | undefined {
  const lines = new TextDecoder().decode(files.get(path)!).split("\n").filter((line) => line);
  const documents = lines.map(parseJson);
  const metas = documents.filter((document) => document?._meta === true);
  if (metas.length !== 1) return wrong("not one _meta");
  const [{ length, last_ms, last_seq, expire_at_ms }] = metas;
  if (length !== BigInt(documents.length - 1)) wrong("length");
  const seen = new Set<string>();
  for (const entry of documents) {
    if (entry === metas[0]) continue;
    const id = /^([0-9]+)-([0-9]+)$/.exec(entry.id)?.slice(1).map(BigInt);
    if (!id) return wrong("an id");
    if (seen.has(entry.id)) wrong("an id twice");
    seen.add(entry.id);
    if (id[0] > last_ms || (id[0] === last_ms && id[1] > last_seq)) wrong("an id above the last");
    const texts = entry.fields.flatMap(({ name, value }: Json) => [name, value]);
    if (!texts.every((one: Json) => typeof one === "string")) wrong("a field that is not text");
  }
  return timeIn(expire_at_ms, wrong);
}

function timeIn(time: Json, wrong: (why: string) => undefined): bigint | undefined {
  if (time === null || time === undefined) return undefined;
  return typeof time === "bigint" && time >= 0n ? time : wrong("a time");
}

function isBinval(value: Json): boolean {
  if (typeof value === "string") return true;
  return typeof value?.base64 === "string" && /^[\w-]*$/.test(value.base64);
}

function isScore(score: Json): boolean {
  if (typeof score === "bigint") return Number.isFinite(Number(score));
  return score === "+inf" || score === "-inf" || (typeof score === "number" && isFinite(score));
}

function timesIn(files: Files, path: string, refuse: Refuse): Map<string, bigint> {
  const times = new Map<string, bigint>();
  for (const line of linesIn(files, path)) {
    const { key, expire_at_ms = 0n } = parseJson(line) ?? {};
    if (typeof expire_at_ms !== "bigint" || expire_at_ms < 0n) refuse(path, "a time");
    times.set(key, expire_at_ms);
  }
  return times;
}

/** The key that a segment stands for, as latin-1. */
function keyOf(stem: string, keymap: Map<string, string>): string | undefined {
  if (stem.length > 240) return undefined;
  if (/^[0-9a-fA-F]{32}__/.test(stem)) return keymap.get(stem);
  if (stem.startsWith("b64.")) return latin1(unpadded(stem.slice(4)) ?? utf8("?"));
  if (!/^(?:[A-Za-z0-9._-]|%[0-9a-fA-F]{2})*$/.test(stem)) return undefined;
  return stem.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

// SQS

function checkSqs(files: Files, refuse: Refuse): void {
  const names = new Set<string>();
  for (const folder of foldersIn(files, "sqs/")) {
    const path = `sqs/${folder}/_queue.json`;
    const queue = parsed(files, path, refuse);
    if (!queue) continue;
    const limit = queue.fifo_throughput_limit ?? "";
    const scope = queue.deduplication_scope ?? "";
    const partitions = Number(queue.partition_count ?? 0n);
    const isSound = queue.format_version === 1n && typeof queue.name === "string" &&
      queue.name !== "" && !names.has(queue.name) &&
      ["", "perMessageGroupId", "perQueue"].includes(limit) &&
      ["", "messageGroup", "queue"].includes(scope) &&
      [0, 1, 2, 4, 8, 16, 32].includes(partitions) &&
      (queue.fifo || (partitions <= 1 && limit === "" && scope === "")) &&
      !(partitions > 1 && scope === "queue") && !(limit === "perMessageGroupId" && partitions <= 1);
    if (!isSound) refuse(path, "settings");
    if (segment(utf8(queue.name ?? "")) !== folder) refuse(path, CHANGED + "another queue");
    names.add(queue.name);
    const ids = new Set<string>();
    for (const line of linesIn(files, `sqs/${folder}/messages.jsonl`)) {
      const message = parseJson(line);
      const wrong = (why: string): void => refuse(`sqs/${folder}/messages.jsonl`, why);
      if (message === undefined) {
        wrong("no JSON");
        continue;
      }
      const { message_id, partition, message_group_id = "", body } = message;
      if (!message_id) wrong("no id");
      const at = partitions > 1 ? `${partition} ${message_id}` : message_id;
      if (ids.has(at)) wrong("an id twice");
      ids.add(at);
      const keys = Object.keys(body ?? {});
      const isBody = body === undefined || body === null || typeof body === "string" ||
        (keys.length === 1 && typeof body.base64 === "string");
      if (!isBody) wrong("a body");
      const belongs = limit === "perQueue" || partitions <= 1
        ? 0n
        : BigInt(fnv(message_group_id) % partitions);
      if (partitions > 1 ? partition !== belongs : (partition ?? 0n) !== 0n) wrong("a partition");
    }
  }
}

function fnv(group: string): number {
  if (group === "") return 0;
  let hash = 2166136261n;
  for (const b of utf8(group)) hash = ((hash ^ BigInt(b)) * 16777619n) & 0xffff_ffffn;
  return Number(hash);
}

// Files

/** Paths of the files below a folder, from there on. */
function pathsIn(files: Files, folder: string): string[] {
  return [...files.keys()].filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length));
}

function foldersIn(files: Files, folder: string): string[] {
  const below = pathsIn(files, folder).filter((path) => path.includes("/"));
  return [...new Set(below.map((path) => path.slice(0, path.indexOf("/"))))];
}

function linesIn(files: Files, path: string): string[] {
  const bytes = files.get(path);
  return bytes ? new TextDecoder().decode(bytes).replace(/\n$/, "").split("\n") : [];
}

function* keymapLines(
  files: Files,
  path: string,
  refuse: Refuse,
): Generator<{ encoded: string; original: Uint8Array; kind: string }> {
  for (const line of linesIn(files, path)) {
    const { encoded, original, kind } = parseJson(line) ?? {};
    const bytes = typeof original === "string" ? unpadded(original) : undefined;
    if (encoded && kind && bytes) yield { encoded, original: bytes, kind };
    else refuse(path, "a line");
  }
}

/** The document of a file; integers are big. */
function parsed(files: Files, path: string, refuse: Refuse): Json {
  const bytes = files.get(path);
  if (!bytes) return refuse(path, "not there");
  const document = parseJson(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  if (typeof document === "object" && document !== null) return document;
  return refuse(path, "no JSON object");
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text, (_, value, context?: { source?: string }) => {
      const source = context?.source ?? "";
      return typeof value === "number" && /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
    });
  } catch {
    return undefined;
  }
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function segment(raw: Uint8Array): string {
  const percent = (bytes: Uint8Array): string =>
    [...bytes].map((b) => {
      const c = String.fromCharCode(b);
      return /[A-Za-z0-9._-]/.test(c) ? c : "%" + b.toString(16).toUpperCase().padStart(2, "0");
    }).join("");
  const plain = percent(raw);
  const isOdd = raw.length > 240 || plain.length > 240 || plain.startsWith("b64.") ||
    /^[0-9a-fA-F]{32}__/.test(plain);
  if (!isOdd) return plain;
  const digits = createHash("sha256").update(raw).digest("hex").slice(0, 32);
  return `${digits}__${percent(raw.subarray(0, 64))}`;
}

function padded(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}

function unpadded(base64: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(base64)) return undefined;
  try {
    return Uint8Array.fromBase64(base64, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => String.fromCharCode(b)).join("");
}
