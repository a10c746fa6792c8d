/** Compares the length of each S3 body with what its sidecar says. @module */

import { readAt, type Source } from "../sources/source.ts";
import { JsonError, MAX_JSON_BYTES, parseJson } from "../text/json_reader.ts";
import { count, object, required } from "../text/json_shape.ts";
import { SIDECAR_SUFFIX } from "../tree/object_files.ts";
import type { FaultList } from "./faults.ts";

/** What is not an object's has no sidecar. */
const OBJECT = /^(?:_unrestorable\/)?s3\/[^/]+\/(?!_orphans\/|_incomplete_uploads\/)./;

const LENGTH = object<{ size_bytes: number }>({ size_bytes: required(count) });

/** A body; without a size when something else is wrong with it. */
interface Body {
  path: string;
  size?: number;
}

/**
 * Sees the files under `s3/` in the order of their paths. Between a body and its sidecar come only paths
 * that begin with the body's, so the bodies that may still get a sidecar are few.
 */
export class BodyLengths {
  readonly #faults: FaultList;
  #bodies: Body[] = [];

  /** Faults go to the list. */
  constructor(faults: FaultList) {
    this.#faults = faults;
  }

  /** Takes the next file; only its path when something is wrong with it. A sidecar is read. */
  async add(path: string, source?: Source): Promise<void> {
    if (!OBJECT.test(path)) return;
    while (this.#bodies.length > 0 && !path.startsWith(this.#bodies.at(-1)!.path)) {
      this.#bodies.pop();
    }
    if (!path.endsWith(SIDECAR_SUFFIX)) return void this.#bodies.push({ path, size: source?.size });
    if (!source) return;
    const name = path.slice(0, -SIDECAR_SUFFIX.length);
    const body = this.#bodies.findLast((candidate) => candidate.path === name);
    if (!body) this.#faults.add("missing", name, `the body that ${path} is about`);
    else if (body.size !== undefined) await this.#compare(name, body.size, path, source);
  }

  async #compare(name: string, size: number, path: string, source: Source): Promise<void> {
    try {
      const bytes = await readAt(source, 0, Math.min(source.size, MAX_JSON_BYTES + 1));
      const { size_bytes } = LENGTH.read(parseJson(bytes, 0, bytes.length), "");
      if (size !== size_bytes) {
        this.#faults.add("size", name, `${size} bytes, and ${size_bytes} by ${path}`);
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.#faults.add("untrue", path, error.message);
    }
  }
}
