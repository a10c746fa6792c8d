/** Buckets and objects by name, for programs. @module */

import { UsageError } from "../../errors.ts";
import { rangeWithin } from "../../mvcc/key_range.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import type { AdapterContext, WalkOptions } from "../context.ts";
import type { Body } from "./body.ts";
import { bucketRecords, type ObjectRecord, records } from "./records.ts";
import { type BucketMeta, bucketMetaOf, headersOf, type ObjectHeaders } from "./values.ts";

/** An object of a bucket. */
export interface S3Object {
  /** Its key; one that is no text as `b64:` and base64, as reports write it. */
  key: string;
  /** The bytes of its key. */
  rawKey: Uint8Array;
  /** What a client gets with it. */
  headers: ObjectHeaders;
  /** Read when it is asked for, as often as wanted, for as long as the snapshot is open. */
  body: Body;
}

/** Which objects of a bucket are wanted. Keys are text, as reports write it, or bytes. */
export interface S3ObjectRange extends WalkOptions {
  /** Only keys that begin with this. */
  prefix?: string | Uint8Array;
  /** Only keys that are not below this one, byte by byte. */
  from?: string | Uint8Array;
  /** Only keys that are below this one. */
  to?: string | Uint8Array;
}

/**
 * The buckets of a snapshot.
 *
 * @example
 * ```ts
 * import { openSnapshot } from "@ekv/decant";
 *
 * using snap = await openSnapshot("0000000000000235.fsm");
 * const photos = snap.s3.bucket("photos");
 * for await (const { key, body } of photos.objects({ prefix: "2026/" })) {
 *   console.log(key, body.size);
 * }
 * const object = await photos.get("2026/meadow.jpg");
 * if (object) await Deno.writeFile("meadow.jpg", object.body.stream());
 * ```
 */
export class S3Buckets {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All buckets that a client can see, in the order of their names' bytes. */
  async *buckets(): AsyncGenerator<S3Bucket> {
    for await (const { name, receipt } of bucketRecords(this.#context, {})) {
      receipt.written();
      yield new S3Bucket(this.#context, name);
    }
  }

  /**
   * One bucket. Nothing is read before its objects or its attributes are asked for.
   *
   * @param name As text, as reports write it, or as bytes.
   * @throws {UsageError} for text that stands for no name.
   */
  bucket(name: string | Uint8Array): S3Bucket {
    return new S3Bucket(this.#context, nameBytes(name));
  }
}

/** One bucket. */
export class S3Bucket {
  /** The bytes of its name. */
  readonly rawName: Uint8Array;
  readonly #context: AdapterContext;

  /** By its raw name. */
  constructor(context: AdapterContext, rawName: Uint8Array) {
    this.rawName = rawName;
    this.#context = context;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.rawName);
  }

  /**
   * What the bucket's own row says.
   *
   * @throws {UsageError} when there is no such bucket.
   */
  async attributes(): Promise<BucketMeta> {
    for await (const { stored } of bucketRecords(this.#context, { scopes: [this.rawName] })) {
      return bucketMetaOf(stored);
    }
    throw this.#missing();
  }

  #missing(): UsageError {
    return new UsageError(`there is no bucket named ${JSON.stringify(this.name)}`);
  }

  /**
   * Its objects that a client can see, in the order of their keys' bytes. Of bodies nothing is read, and
   * nothing says yet that they are whole.
   *
   * @throws {UsageError} when there is no such bucket, and for text that stands for no key.
   * @throws {UnsoundError} at the first row that cannot be understood.
   */
  async *objects(range: S3ObjectRange = {}): AsyncGenerator<S3Object> {
    const { prefix, from, to } = range;
    const bytes = (key: string | Uint8Array | undefined): Uint8Array | undefined =>
      key === undefined ? undefined : keyBytes(key);
    const within = rangeWithin({ prefix: bytes(prefix), from: bytes(from), to: bytes(to) });
    if (!within) return;
    const selection = { scopes: [this.rawName], ...within, bodies: false };
    let known = false;
    for await (const record of records(this.#context.walking(range), selection)) {
      known = true;
      // Many objects at a time come only with bodies.
      if (record.type === "objects") continue;
      record.receipt.written();
      if (record.type === "object") yield objectOf(record);
    }
    // Without a row of the bucket it may be in another group's snapshot, if it has objects here.
    if (!known && !this.#context.hasScope("s3", this.rawName)) throw this.#missing();
  }

  /**
   * One object, or `undefined` if there is none.
   *
   * @param key As text, as reports write it, or as bytes.
   * @throws {UsageError} when there is no such bucket, and for text that stands for no key.
   * @throws {UnsoundError} when its row cannot be understood.
   */
  async get(
    key: string | Uint8Array,
    options: WalkOptions = {},
  ): Promise<S3Object | undefined> {
    const from = keyBytes(key);
    const to = new Uint8Array(from.length + 1);
    to.set(from);
    for await (const object of this.objects({ ...options, from, to })) return object;
    return undefined;
  }
}

/** Other than a bucket's name, a key may be empty. */
function keyBytes(key: string | Uint8Array): Uint8Array {
  return key === "" ? new Uint8Array(0) : nameBytes(key);
}

function objectOf({ key, headers, body }: ObjectRecord): S3Object {
  return { key: nameText(key), rawKey: key, headers: headersOf(headers), body };
}
