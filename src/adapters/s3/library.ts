/** Buckets and objects by name, for programs. @module */

import { UsageError } from "../../errors.ts";
import { nameBytes, nameText } from "../../text/name_text.ts";
import { encodeUtf8 } from "../../text/utf8.ts";
import type { AdapterContext } from "../context.ts";
import { type S3Bucket, s3Buckets, type S3Object, s3Object, s3Objects } from "./records.ts";

/** The buckets of a snapshot. */
export class S3Buckets {
  readonly #context: AdapterContext;

  /** Over the rows of a context. */
  constructor(context: AdapterContext) {
    this.#context = context;
  }

  /** All buckets, in the order of their names' bytes. */
  async *buckets(): AsyncGenerator<BucketReader> {
    for await (const { name } of s3Buckets(this.#context)) {
      yield new BucketReader(this.#context, name);
    }
  }

  /**
   * One bucket. Nothing is read before its objects or its attributes are asked for.
   *
   * @param name As text, as reports write it, or as bytes.
   * @throws {UsageError} for text that stands for no name.
   */
  bucket(name: string | Uint8Array): BucketReader {
    return new BucketReader(this.#context, nameBytes(name));
  }
}

/** One bucket. */
export class BucketReader {
  readonly #context: AdapterContext;
  readonly #name: Uint8Array;

  /** By its raw name. */
  constructor(context: AdapterContext, name: Uint8Array) {
    this.#context = context;
    this.#name = name;
  }

  /** Its name; one that is no text as `b64:` and base64, as reports write it. */
  get name(): string {
    return nameText(this.#name);
  }

  /**
   * What `_bucket.json` of a dump is made from.
   *
   * @throws {UsageError} when there is no such bucket.
   */
  async attributes(): Promise<S3Bucket> {
    for await (const bucket of s3Buckets(this.#context.selecting("s3", { scopes: [this.#name] }))) {
      return bucket;
    }
    throw new UsageError(`there is no bucket named ${JSON.stringify(this.name)}`);
  }

  /**
   * Its objects, in the order of their keys' bytes. Bodies are read when they are asked for.
   *
   * @throws {UnsoundError} at the first object that is not whole.
   */
  objects(): AsyncGenerator<S3Object> {
    return s3Objects(this.#context, this.#name);
  }

  /**
   * One object, or `undefined` if there is none. `body.stream()` is its body.
   *
   * @param key As text, or as bytes where it is not UTF-8.
   * @throws {UnsoundError} when the object is not whole.
   */
  get(key: string | Uint8Array): Promise<S3Object | undefined> {
    const bytes = typeof key === "string" ? encodeUtf8(key) : key;
    return s3Object(this.#context, this.#name, bytes);
  }
}
