/**
 * The `s3/` folder. A bucket's folder is called like the bucket, by the rules of segments:
 *
 * ```text
 * _bucket.json                     the bucket
 * <key>                            the body of an object, as it was uploaded
 * <key>.elastickv-meta.json        its headers
 * KEYMAP.jsonl                     the keys of objects that have another name
 * _incomplete_uploads/records.jsonl              rows of uploads, if they are wanted
 * _orphans/<object>/gen-<generation>/<chunk>.bin  chunks without an object, if they are wanted
 * ```
 *
 * When a bucket was made stands in `_extra/s3.jsonl`.
 *
 * @module
 */

import { STANDARD } from "../../bytes/base64.ts";
import { ByteBuilder } from "../../bytes/builder.ts";
import { compareBytes, equalBytes } from "../../bytes/compare.ts";
import { OutputError, UnsoundError } from "../../errors.ts";
import { JsonWriter } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { encodeSegment, hashedSegment } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import { beginExtra, extraFile } from "../extra.ts";
import { writeBytes } from "../record_line.ts";
import { EtagCheck, warnOfEtag } from "./etag.ts";
import {
  creationDate,
  writeBucketExtra,
  writeBucketMembers,
  writeObjectMembers,
} from "./members.ts";
import {
  BUCKET_FILE,
  escapedName,
  KEYMAP_FILE,
  type Name,
  ORPHANS_FOLDER,
  SIDECAR_SUFFIX,
  UPLOADS_FOLDER,
} from "./names.ts";
import { NamePlan } from "./name_plan.ts";
import {
  type S3Bucket,
  type S3Object,
  type S3Orphan,
  s3Records,
  type S3Upload,
} from "./records.ts";

/** Writes all buckets; returns the names of those that have a folder. */
export async function writeTree(
  context: AdapterContext,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const writer = new TreeWriter(context, output, await NamePlan.make(context));
  for await (const record of s3Records(context)) {
    switch (record.type) {
      case "bucket":
        await writer.bucket(record);
        break;
      case "upload":
        await writer.upload(record);
        break;
      case "object":
        record.problem = await writer.object(record);
        break;
      case "orphan":
        record.refused = !await writer.orphan(record);
    }
  }
  return await writer.close();
}

/** What is open in the folder of the bucket at hand. */
interface Folder {
  bucket: Uint8Array;
  /** Its path. */
  path: string;
  keymap?: SortedLines;
  uploads?: SinkFile;
}

class TreeWriter {
  readonly #context: AdapterContext;
  readonly #output: TreeOutput;
  readonly #names: NamePlan;
  /** The buckets that have a folder, each at most three times; about 100 bytes of memory an entry. */
  readonly #entered: Uint8Array[] = [];
  readonly #line = new ByteBuilder();
  readonly #extra: SortedLines;
  #folder: Folder | undefined;

  constructor(context: AdapterContext, output: TreeOutput, names: NamePlan) {
    this.#context = context;
    this.#output = output;
    this.#names = names;
    this.#extra = output.lines(extraFile("s3"));
  }

  async bucket(bucket: S3Bucket): Promise<void> {
    const { path } = await this.#enter(bucket.name);
    const json = newDocument();
    writeBytes(json.name("name"), bucket.name);
    writeBucketMembers(json, bucket);
    await this.#output.putNew(`${path}/${BUCKET_FILE}`, json.endObject().out.view());
    if (creationDate(bucket) === "") return;
    const extra = beginExtra(bucket.name, "bucket").beginObject();
    writeBucketExtra(extra, bucket);
    await this.#extra.add(bucket.name, extra.endObject().endObject().out.byte(0x0a).view());
  }

  async upload({ bucket, prefix, rowKey, rowValue }: S3Upload): Promise<void> {
    const folder = await this.#enter(bucket);
    folder.uploads ??= await this.#output.createNew(
      `${folder.path}/${UPLOADS_FOLDER}/records.jsonl`,
    );
    const json = new JsonWriter(this.#line.clear(), { indent: false, html: false });
    json.beginObject().name("prefix").string(prefix).name("key").base64(STANDARD, rowKey);
    json.name("value").base64(STANDARD, rowValue).endObject().out.byte(0x0a);
    await folder.uploads.write(this.#line.view());
  }

  /** Whether the chunk could be written. */
  async orphan(orphan: S3Orphan): Promise<boolean> {
    const { path } = await this.#enter(orphan.bucket);
    const digits = [orphan.part, orphan.chunk, orphan.version]
      .map((n) => n.toString(16).padStart(16, "0"));
    const file = `${[encodeSegment(orphan.upload), ...digits].join("_")}.bin`;
    const object = `${ORPHANS_FOLDER}/${folderOf(orphan.key)}/gen-${orphan.generation}`;
    return await this.#output.put(`${path}/${object}/${file}`, orphan.data);
  }

  /** What is wrong with the object's name, if anything is. */
  async object(object: S3Object): Promise<UnsoundError | undefined> {
    const natural = await this.#names.nameOf(object);
    if (!natural) {
      const message = "the object's key ends like the name of a file with headers";
      return new UnsoundError("name-collision", message, {
        ...object.place,
        hint: "leave out --no-rename-collisions to give it another name",
      });
    }
    const folder = await this.#enter(object.bucket);
    const name = await this.#writeBody(folder, object, natural);
    const path = `${folder.path}/${name.path}`;
    const json = newDocument();
    writeObjectMembers(json, object.headers, object.body.size);
    await this.#output.putNew(path + SIDECAR_SUFFIX, json.endObject().out.view());
    if (name.kind) {
      appendKeymapLine(this.#line.clear(), name.path, object.key, name.kind);
      folder.keymap ??= this.#output.lines(`${folder.path}/${KEYMAP_FILE}`);
      await folder.keymap.add(object.key, this.#line.view());
    }
    return undefined;
  }

  /** The names of the buckets that have a folder. */
  async close(): Promise<Uint8Array[]> {
    await this.#leave();
    await this.#extra.close();
    this.#names.close();
    return this.#entered.sort(compareBytes)
      .filter((bucket, i, all) => i === 0 || !equalBytes(bucket, all[i - 1]));
  }

  async #enter(bucket: Uint8Array): Promise<Folder> {
    if (this.#folder && equalBytes(this.#folder.bucket, bucket)) return this.#folder;
    await this.#leave();
    this.#entered.push(bucket);
    return this.#folder = { bucket, path: `s3/${encodeSegment(bucket)}` };
  }

  async #leave(): Promise<void> {
    await this.#folder?.uploads?.close();
    await this.#folder?.keymap?.close();
    this.#folder = undefined;
  }

  /** Writes the body under its name, or under the escaped one where the first cannot be had. */
  async #writeBody(folder: Folder, object: S3Object, natural: Name): Promise<Name> {
    for (const name of [natural, escapedName(object.key)]) {
      if (await this.#put(`${folder.path}/${name.path}`, object)) return name;
    }
    throw new OutputError("output-failed", "there is no name for an object's file", {
      file: `${folder.path}/${natural.path}`,
      hint: "choose a folder on a file system that allows names of 255 bytes",
    });
  }

  async #put(path: string, { body, bucket, key, headers }: S3Object): Promise<boolean> {
    const check = EtagCheck.of(headers.etag, body.partSizes);
    if (body.bytes) {
      if (!await this.#output.put(path, body.bytes)) return false;
      check?.update(body.bytes);
    } else {
      const file = await this.#output.create(path, body.size);
      if (!file) return false;
      for await (const bytes of body) {
        check?.update(bytes);
        await file.write(bytes);
      }
      await file.close();
    }
    warnOfEtag(this.#context, bucket, key, headers.etag, check?.mismatch());
    return true;
  }
}

/** A file of the dump: two spaces a level, nothing behind the last brace. */
function newDocument(): JsonWriter {
  const json = new JsonWriter(new ByteBuilder(), { indent: true, html: true });
  return json.beginObject().name("format_version").integer(1);
}

/** The name of the folder with an object's orphans. */
function folderOf(key: Uint8Array): string {
  const segment = encodeSegment(key);
  return /^\.{0,2}$/.test(segment) ? hashedSegment(key) : segment;
}
