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
import { UnsoundError } from "../../errors.ts";
import { FileBatches } from "../../jobs/file_batches.ts";
import { nameKey, scopeLabel } from "../../keyspace/scope_labels.ts";
import { type Scratch, stoppable } from "../../sources/scratch.ts";
import { after, isPromise, type MaybePromise } from "../../sources/source.ts";
import { JsonWriter, type Pieces } from "../../text/json_writer.ts";
import { appendKeymapLine } from "../../tree/keymap.ts";
import { SIDECAR_SUFFIX } from "../../tree/object_files.ts";
import type { SortedLines, TreeOutput } from "../../tree/output.ts";
import { pour } from "../../tree/pieces.ts";
import { ScopeFolders } from "../../tree/scope_folders.ts";
import type { SinkFile } from "../../tree/sink.ts";
import type { AdapterContext } from "../context.ts";
import type { RecordSelection } from "../wanted_rows.ts";
import { beginExtra, extraFile } from "../extra.ts";
import { writeBytes } from "../record_line.ts";
import { holdBody } from "./held_body.ts";
import {
  creationDate,
  writeBucketExtra,
  writeBucketMembers,
  writeObjectMembers,
} from "./members.ts";
import { BUCKET_FILE, KEYMAP_FILE, type Name, ORPHANS_FOLDER, UPLOADS_FOLDER } from "./names.ts";
import { NamePlan } from "./name_plan.ts";
import { BUCKET_MISSING, whyNotBucket, whyNotObject } from "./restorable.ts";
import {
  type BucketRecord,
  type ObjectRecord,
  type OrphanRecord,
  records,
  type S3Record,
  type UploadRecord,
} from "./records.ts";

/** Writes all buckets; returns the labels of those that have a folder. */
export async function writeTree(
  given: AdapterContext,
  selection: RecordSelection,
  output: TreeOutput,
): Promise<Uint8Array[]> {
  const folders = new ScopeFolders("s3/", output.names, given.scopesOf("s3"));
  const within = given.selecting("s3", selection);
  const names = await NamePlan.make(within, output, folders, selection);
  const scratch = stoppable(given.scratch, given.signal);
  const files = new FileBatches(given.jobs, output);
  const writer = new TreeWriter(output, folders, names, scratch, files);
  for await (const record of records(given, selection)) await writer.write(record);
  return await writer.close();
}

/** What is open in the folder of the bucket at hand. */
interface Folder {
  bucket: Uint8Array;
  /** Its path. */
  path: string;
  /** See {@link whyNotBucket}. */
  why: string | undefined;
  /** Of the objects that are there, and of those that are put apart. */
  keymaps: { [root: string]: SortedLines };
  uploads?: SinkFile;
}

class TreeWriter {
  readonly #output: TreeOutput;
  readonly #folders: ScopeFolders;
  readonly #names: NamePlan;
  readonly #scratch: Scratch;
  /** Takes the files of small objects. */
  readonly #files: FileBatches;
  /** The buckets that have a folder, each at most three times; about 100 bytes of memory an entry. */
  readonly #entered: Uint8Array[] = [];
  /** Whether and why not the buckets that have a row can be restored; about 100 bytes of memory each. */
  readonly #whyNot = new Map<string, string | undefined>();
  readonly #line = new ByteBuilder();
  readonly #document = new ByteBuilder();
  #extra: SinkFile | undefined;
  #folder: Folder | undefined;

  constructor(
    output: TreeOutput,
    folders: ScopeFolders,
    names: NamePlan,
    scratch: Scratch,
    files: FileBatches,
  ) {
    this.#output = output;
    this.#folders = folders;
    this.#names = names;
    this.#scratch = scratch;
    this.#files = files;
  }

  async write(record: S3Record): Promise<void> {
    switch (record.type) {
      case "bucket":
        await this.#bucket(record);
        return record.receipt.written();
      case "upload":
        await this.#upload(record);
        return record.receipt.written();
      case "orphan":
        return await this.#orphan(record)
          ? record.receipt.written()
          : record.receipt.leave("orphan");
      case "object":
        return await this.#object(record);
      case "objects":
        for (const object of record.objects) {
          const written = this.#small(object);
          if (isPromise(written)) await written;
        }
    }
  }

  async #bucket({ name, stored }: BucketRecord): Promise<void> {
    const folder = await this.#enter(name);
    const why = whyNotBucket(name, folder.path);
    this.#whyNot.set(nameKey(name), folder.why = why);
    const path = this.#output.unrestorable.count("s3", why) + folder.path;
    const json = this.#newDocument();
    this.#output.describe?.({ type: "bucket" });
    writeBytes(json.name("name"), name);
    await this.#putDocument(`${path}/${BUCKET_FILE}`, json, writeBucketMembers(json, stored));
    if (creationDate(stored) === "") return;
    const extra = beginExtra(name, "bucket").beginObject();
    writeBucketExtra(extra, stored);
    // Buckets come in the order that the list has.
    this.#extra ??= await this.#output.createNew(extraFile("s3"));
    await this.#extra.write(extra.endObject().endObject().out.byte(0x0a).view());
  }

  async #upload({ bucket, prefix, rowKey, rowValue }: UploadRecord): Promise<void> {
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
  async #orphan(orphan: OrphanRecord): Promise<boolean> {
    const { path } = await this.#enter(orphan.bucket);
    const { names } = this.#output;
    const object = `${ORPHANS_FOLDER}/${names.lone(orphan.key)}/gen-${orphan.generation}`;
    const file = `${names.lone(chunkName(orphan))}.bin`;
    return await this.#output.put(`${path}/${object}/${file}`, orphan.data);
  }

  async #object(object: ObjectRecord): Promise<void> {
    const { bucket, generation, key } = object;
    await this.#named(object, await this.#names.nameOf({ bucket, generation, object: key }));
  }

  async #named(object: ObjectRecord, name: Name | undefined): Promise<void> {
    const { bucket, key, body, receipt } = object;
    if (body.error) return receipt.refuse(body.error);
    if (!name) return receipt.refuse(nameCollision(object));
    await this.#leaveOthers(bucket);
    const { unrestorable } = this.#output;
    const why = this.#whyNotOf(bucket) ?? whyNotObject(object, name);
    const root = unrestorable.rootOf(why);
    const path = `${root}${this.#folders.of(bucket)}/${name.path}`;
    if (!await this.#writeBody(object, path)) return;
    const folder = await this.#enter(bucket);
    const json = this.#newDocument();
    const members = writeObjectMembers(json, object.headers, body.size);
    await this.#putDocument(path + SIDECAR_SUFFIX, json, members);
    if (name.kind) {
      appendKeymapLine(this.#line.clear(), name.path, key, name.kind);
      const keymap = folder.keymaps[root] ??= this.#output.lines(
        `${root}${folder.path}/${KEYMAP_FILE}`,
      );
      await keymap.add(key, this.#line.view());
    }
    unrestorable.count("s3", why);
    receipt.written();
  }

  /** The same for a body that is known, without waiting where nothing has to be waited for. */
  #small(object: ObjectRecord): MaybePromise<void> {
    const { bucket, generation, key, commitTs, headers, body } = object;
    const name = this.#names.nameOf({ bucket, generation, object: key });
    if (isPromise(name)) return name.then((name) => this.#named(object, name));
    const folder = this.#folder;
    const isUsual = folder && name && name.kind === undefined && folder.why === undefined &&
      equalBytes(folder.bucket, bucket) && whyNotObject(object, name) === undefined;
    if (!isUsual) return this.#named(object, name);
    const path = `${folder.path}/${name.path}`;
    const json = this.#newDocument();
    const members = writeObjectMembers(json, headers, body.size);
    const sidecar = path + SIDECAR_SUFFIX;
    this.#output.describe?.({ type: "object", key, commitTs });
    return after(this.#files.add(path, body.known!), () => {
      const pieces = inObject(json, members);
      const added = pieces.next().done
        ? this.#files.add(sidecar, json.out.view())
        : this.#output.putLongNew(sidecar, json.out, pieces);
      return after(added, () => object.receipt.written());
    });
  }

  /** Why no object of a bucket can be restored, if that is so. */
  #whyNotOf(bucket: Uint8Array): string | undefined {
    const id = nameKey(bucket);
    return this.#whyNot.has(id) ? this.#whyNot.get(id) : BUCKET_MISSING;
  }

  /** A file of the dump: two spaces a level, nothing behind the last brace. One at a time. */
  #newDocument(): JsonWriter {
    const json = new JsonWriter(this.#document.clear(), { indent: true, html: true });
    return json.beginObject().name("format_version").integer(1);
  }

  /** Writes the members of a document, and ends it. Nothing else can have its name. */
  #putDocument(path: string, json: JsonWriter, members: Pieces): MaybePromise<void> {
    return this.#output.putPiecesNew(path, json.out, inObject(json, members));
  }

  /** The labels of the buckets that have a folder. */
  async close(): Promise<Uint8Array[]> {
    await this.#files.close();
    await this.#leaveOthers();
    await this.#extra?.close();
    this.#names.close();
    return this.#entered.sort(compareBytes)
      .filter((bucket, i, all) => i === 0 || !equalBytes(bucket, all[i - 1]));
  }

  async #enter(bucket: Uint8Array): Promise<Folder> {
    await this.#leaveOthers(bucket);
    if (!this.#folder) {
      this.#entered.push(scopeLabel(bucket));
      const path = this.#folders.of(bucket);
      this.#folder = { bucket, path, why: this.#whyNotOf(bucket), keymaps: {} };
    }
    return this.#folder;
  }

  /** Ends what is open in the folder of another bucket than this one. */
  async #leaveOthers(bucket?: Uint8Array): Promise<void> {
    if (!this.#folder || (bucket && equalBytes(this.#folder.bucket, bucket))) return;
    await this.#folder.uploads?.close();
    for (const keymap of Object.values(this.#folder.keymaps)) await keymap.close();
    this.#folder = undefined;
  }

  /** Writes a body; `false` for one that is not whole, which is refused: then there is no file. */
  async #writeBody(object: ObjectRecord, path: string): Promise<boolean> {
    const { body, key, commitTs, receipt } = object;
    this.#output.describe?.({ type: "object", key, commitTs });
    if (!this.#output.wants(path)) await (await this.#output.createNew(path, body.size)).close();
    else if (body.known) await this.#output.putNew(path, body.known);
    else if (this.#output.takesBack) {
      try {
        await this.#stream(path, body.size, body);
      } catch (error) {
        if (!(error instanceof UnsoundError)) throw error;
        receipt.refuse(error);
        return false;
      }
    } else {
      const held = await holdBody(object, this.#scratch);
      if (!held) return false;
      await this.#stream(path, body.size, held);
      held.close();
    }
    return true;
  }

  /**
   * Writes a body piece by piece.
   *
   * @throws {UnsoundError} when it is not whole: then there is no file.
   */
  async #stream(path: string, size: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.#output.createNew(path, size);
    try {
      for await (const bytes of body) await file.write(bytes);
    } catch (error) {
      if (error instanceof UnsoundError) await file.discard!();
      throw error;
    }
    await file.close();
  }
}

function nameCollision({ place }: ObjectRecord): UnsoundError {
  const message = "the object's key ends like the name of a file with headers";
  return new UnsoundError("name-collision", message, {
    ...place,
    hint: "let it be renamed",
    option: "renameCollisions",
  });
}

function* inObject(json: JsonWriter, members: Pieces): Pieces {
  yield* members;
  json.endObject();
}

/** What tells a chunk apart: `<upload>_<part>_<chunk>_<version>`, numbers as 16 hex digits. */
function chunkName({ upload, part, chunk, version }: OrphanRecord): Uint8Array {
  const name = new ByteBuilder().append(upload);
  for (const n of [part, chunk, version]) name.ascii(`_${n.toString(16).padStart(16, "0")}`);
  return name.take();
}
