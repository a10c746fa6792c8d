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
import { scopeLabel } from "../../keyspace/scope_labels.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { pour } from "../../tree/pieces.ts";
import { encodeSegment, hashedSegment } from "../../tree/segment.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
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
  type S3Orphan,
  s3Records,
  type S3Upload,
  type StoredBucketRecord,
  type StoredObject,
} from "./records.ts";

/** Writes all buckets; returns the labels of those that have a folder. */
export async function writeTree(
  given: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const context = given.selecting("s3", selection);
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
  #extra: SinkFile | undefined;
  #folder: Folder | undefined;

  constructor(context: AdapterContext, output: TreeOutput, names: NamePlan) {
    this.#context = context;
    this.#output = output;
    this.#names = names;
  }

  async bucket({ name, stored }: StoredBucketRecord): Promise<void> {
    const { path } = await this.#enter(name);
    const json = newDocument();
    writeBytes(json.name("name"), name);
    await this.#putDocument(`${path}/${BUCKET_FILE}`, json, writeBucketMembers(json, stored));
    if (creationDate(stored) === "") return;
    const extra = beginExtra(name, "bucket").beginObject();
    writeBucketExtra(extra, stored);
    // Buckets come in the order that the list has.
    this.#extra ??= await this.#output.createNew(extraFile("s3"));
    await this.#extra.write(extra.endObject().endObject().out.byte(0x0a).view());
  }

  async upload({ bucket, prefix, rowKey, rowValue }: S3Upload): Promise<void> {
    const folder = await this.#enter(bucket);
    folder.uploads ??= await this.#output.createNew(
      `${folder.path}/${UPLOADS_FOLDER}/records.jsonl`,
    );
    const { uploads } = folder;
    const json = new JsonWriter(this.#line.clear(), { indent: false, html: false });
    json.beginObject().name("prefix").string(prefix).name("key").base64(STANDARD, rowKey);
    const value = json.name("value").longBase64(STANDARD, rowValue, 0, rowValue.length);
    await pour(value, this.#line, (bytes) => uploads.write(bytes));
    await uploads.write(json.endObject().out.byte(0x0a).view());
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
  async object(object: StoredObject): Promise<UnsoundError | undefined> {
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
    const members = writeObjectMembers(json, object.headers, object.body.size);
    await this.#putDocument(path + SIDECAR_SUFFIX, json, members);
    if (name.kind) {
      appendKeymapLine(this.#line.clear(), name.path, object.key, name.kind);
      folder.keymap ??= this.#output.lines(`${folder.path}/${KEYMAP_FILE}`);
      await folder.keymap.add(object.key, this.#line.view());
    }
    return undefined;
  }

  /** Writes the members of a document, and ends it. Nothing else can have its name. */
  async #putDocument(path: string, json: JsonWriter, members: Pieces): Promise<void> {
    await this.#output.putPiecesNew(path, json.out, inObject(json, members));
  }

  /** The labels of the buckets that have a folder. */
  async close(): Promise<Uint8Array[]> {
    await this.#leave();
    await this.#extra?.close();
    this.#names.close();
    return this.#entered.sort(compareBytes)
      .filter((bucket, i, all) => i === 0 || !equalBytes(bucket, all[i - 1]));
  }

  async #enter(bucket: Uint8Array): Promise<Folder> {
    if (this.#folder && equalBytes(this.#folder.bucket, bucket)) return this.#folder;
    await this.#leave();
    this.#entered.push(scopeLabel(bucket));
    return this.#folder = { bucket, path: `s3/${encodeSegment(bucket)}` };
  }

  async #leave(): Promise<void> {
    await this.#folder?.uploads?.close();
    await this.#folder?.keymap?.close();
    this.#folder = undefined;
  }

  /** Writes the body under its name, or under the escaped one where the first cannot be had. */
  async #writeBody(folder: Folder, object: StoredObject, natural: Name): Promise<Name> {
    for (const name of [natural, escapedName(object.key)]) {
      if (await this.#put(`${folder.path}/${name.path}`, object)) return name;
    }
    throw new OutputError("output-failed", "there is no name for an object's file", {
      file: `${folder.path}/${natural.path}`,
      hint: "choose a folder on a file system that allows names of 255 bytes",
    });
  }

  async #put(path: string, { body, bucket, key, headers }: StoredObject): Promise<boolean> {
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

function* inObject(json: JsonWriter, members: Pieces): Pieces {
  yield* members;
  json.endObject();
}

/** The name of the folder with an object's orphans. */
function folderOf(key: Uint8Array): string {
  const segment = encodeSegment(key);
  return /^\.{0,2}$/.test(segment) ? hashedSegment(key) : segment;
}
