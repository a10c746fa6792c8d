import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unpackTar } from "modern-tar";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { type TarOutput, TarSink } from "../../src/sinks/tar_sink.ts";
import { MemoryScratch, type Scratch, type ScratchFile } from "../../src/sources/scratch.ts";
import { HOSTILE_PATHS, pattern, utf8, writeFile } from "./support.ts";

/** Keeps the archive, and what was called. */
class Archive implements TarOutput {
  readonly out = new ByteBuilder();
  readonly calls: string[] = [];

  write(bytes: Uint8Array): void {
    this.out.append(bytes);
  }

  close(): void {
    this.calls.push("close");
  }

  abort(): void {
    this.calls.push("abort");
  }
}

/** Counts the scratch files that are open. */
class CountedScratch implements Scratch {
  readonly room = 0;
  made = 0;
  open = 0;
  readonly #scratch = new MemoryScratch();

  create(): ScratchFile {
    const file = this.#scratch.create();
    this.made++;
    this.open++;
    return {
      name: file.name,
      get size() {
        return file.size;
      },
      append: (bytes) => file.append(bytes),
      read: (offset, into) => file.read(offset, into),
      close: () => {
        this.open--;
        file.close();
      },
    };
  }

  close(): void {}
}

interface Entry {
  name: string;
  data: Uint8Array;
}

/** What a reader that was not written here finds. */
async function entriesOf(archive: Uint8Array): Promise<Entry[]> {
  const entries = await unpackTar(archive, { strict: true });
  return entries.map(({ header, data }) => ({ name: header.name, data: data ?? utf8("") }));
}

/** The entries that are files. */
async function filesOf(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const entries = await entriesOf(archive);
  return new Map(
    entries.filter(({ name }) => !name.endsWith("/")).map(({ name, data }) => [name, data]),
  );
}

async function write(
  fill: (sink: TarSink) => void | Promise<void>,
  wallTime?: string,
): Promise<Uint8Array> {
  const archive = new Archive();
  const sink = new TarSink(archive, new MemoryScratch(), wallTime);
  await fill(sink);
  await sink.finish();
  deepStrictEqual(archive.calls, ["close"]);
  return archive.out.take();
}

Deno.test("an archive without a file is two empty blocks", async () => {
  deepStrictEqual(await write(() => {}), new Uint8Array(1024));
});

Deno.test("files come out as they went in, with their folders before them and once", async () => {
  const archive = await write(async (sink) => {
    strictEqual(await sink.put("a/b/1", utf8("one")), true);
    strictEqual(await sink.put("a/b/2", utf8("")), true);
    strictEqual(await writeFile(sink, "a/3", [utf8("th"), utf8("ree")]), true);
    strictEqual(await writeFile(sink, "a/c/4", [pattern(512)], 512), true);
    sink.directory("empty/inside");
    sink.directory("a");
    strictEqual(await sink.put("z", utf8("last")), true);
  });
  deepStrictEqual(await entriesOf(archive), [
    { name: "a/", data: utf8("") },
    { name: "a/b/", data: utf8("") },
    { name: "a/b/1", data: utf8("one") },
    { name: "a/b/2", data: utf8("") },
    { name: "a/3", data: utf8("three") },
    { name: "a/c/", data: utf8("") },
    { name: "a/c/4", data: pattern(512) },
    { name: "empty/", data: utf8("") },
    { name: "empty/inside/", data: utf8("") },
    { name: "z", data: utf8("last") },
  ]);
});

Deno.test("all entries belong to nobody, are private and are of one moment", async () => {
  const fill = async (sink: TarSink) => void await sink.put("a/b", utf8("b"));
  const moments: [string | undefined, number][] = [
    [undefined, 0],
    ["2026-04-29T15:42:11.994Z", 1777477331],
    ["2026-04-29T17:42:11+02:00", 1777477331],
    ["1960-01-01T00:00:00Z", 0],
    ["9999-12-31T23:59:59Z", 8 ** 11 - 1],
  ];
  for (const [wallTime, seconds] of moments) {
    const entries = await unpackTar(await write(fill, wallTime), { strict: true });
    strictEqual(entries.length, 2);
    for (const { header } of entries) {
      strictEqual(header.mtime!.getTime(), seconds * 1000);
      strictEqual(header.mode, header.type === "directory" ? 0o700 : 0o600);
      deepStrictEqual([header.uid, header.gid, header.uname, header.gname], [0, 0, "", ""]);
    }
  }
});

Deno.test("the same calls give the same bytes", async () => {
  const fill = async (sink: TarSink) => {
    for (const path of HOSTILE_PATHS) await sink.put(`x/${path}`, utf8(path));
    const [a, b] = [await sink.create("stream", 6), await sink.create("late")];
    await b!.write(pattern(1 << 20));
    await a!.write(utf8("abc"));
    await b!.close();
    await a!.write(utf8("def"));
    await a!.close();
  };
  const first = await write(fill);
  deepStrictEqual(await write(fill), first);
});

Deno.test("a file that is open meanwhile waits for the one that goes straight through", async () => {
  const archive = new Archive();
  const scratch = new CountedScratch();
  const sink = new TarSink(archive, scratch);
  const first = (await sink.create("first", 4))!;
  const known = (await sink.create("known", 3))!;
  const unknown = (await sink.create("folder/unknown"))!;
  const large = (await sink.create("large"))!;
  await first.write(utf8("fi"));
  await unknown.write(utf8("unknown"));
  await known.write(utf8("kno"));
  for (let i = 0; i < 20; i++) await large.write(pattern(100_000, i));
  ok(await sink.put("put", utf8("put")));
  ok(await sink.put("folder/large put", pattern(600_000)));
  await unknown.close();
  await large.close();
  await first.write(utf8("st"));
  const before = archive.out.length;
  await first.close();
  ok(archive.out.length > before + 2_300_000, "what waited is written at once");
  await known.close();
  ok(await writeFile(sink, "second", [utf8("second")], 6));
  await sink.finish();
  deepStrictEqual((await entriesOf(archive.out.take())).map(({ name }) => name), [
    "first",
    "folder/",
    "put",
    "folder/large put",
    "folder/unknown",
    "large",
    "known",
    "second",
  ]);
  const files = await filesOf(archive.out.take());
  deepStrictEqual(files.get("first"), utf8("fist"));
  deepStrictEqual(files.get("known"), utf8("kno"));
  deepStrictEqual(files.get("folder/unknown"), utf8("unknown"));
  deepStrictEqual(files.get("folder/large put"), pattern(600_000));
  for (let i = 0; i < 20; i++) {
    const part = files.get("large")!.subarray(i * 100_000, (i + 1) * 100_000);
    deepStrictEqual(part, pattern(100_000, i));
  }
  deepStrictEqual([scratch.made, scratch.open], [2, 0]); // the large file, and what waited
});

Deno.test("small files of unknown size need no scratch file", async () => {
  const archive = new Archive();
  const scratch = new CountedScratch();
  const sink = new TarSink(archive, scratch);
  for (let i = 0; i < 50; i++) ok(await writeFile(sink, `${i}`, [pattern(5000, i)]));
  await sink.finish();
  strictEqual(scratch.made, 0);
  const files = await filesOf(archive.out.take());
  for (let i = 0; i < 50; i++) deepStrictEqual(files.get(`${i}`), pattern(5000, i));
});

Deno.test("any order of calls gives an archive with exactly the files that were ended", async () => {
  const size = fc.constantFrom(0, 1, 511, 512, 513, 70_000, 300_000);
  const call = fc.oneof(
    fc.record({ kind: fc.constant("put"), path: fc.nat(12), size }),
    fc.record({ kind: fc.constantFrom("known", "unknown"), path: fc.nat(12), size }),
    fc.record({ kind: fc.constant("close"), path: fc.nat(3), size }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
      const archive = new Archive();
      const sink = new TarSink(archive, new MemoryScratch());
      const expected = new Map<string, Uint8Array>();
      const open: (() => Promise<void>)[] = [];
      for (const [i, { kind, path, size }] of calls.entries()) {
        if (kind === "close") {
          await open.splice(path % (open.length || 1), 1)[0]?.();
          continue;
        }
        const name = `${path % 3}/${path}`;
        const bytes = pattern(size, i);
        if (kind === "put") {
          if (await sink.put(name, bytes)) expected.set(name, bytes);
          else ok(expected.has(name));
          continue;
        }
        const file = await sink.create(name, kind === "known" ? size : undefined);
        strictEqual(file !== undefined, !expected.has(name));
        if (!file) continue;
        expected.set(name, bytes);
        const half = size >> 1;
        await file.write(bytes.subarray(0, half));
        open.push(async () => {
          await file.write(bytes.subarray(half));
          await file.close();
        });
      }
      for (const close of open.reverse()) await close();
      await sink.finish();
      const found = await filesOf(archive.out.take());
      deepStrictEqual(found, expected);
    }),
    { seed: 7, numRuns: 150 },
  );
});

Deno.test("an output that takes its time gets the same bytes", async () => {
  const fill = async (sink: TarSink) => {
    const buffer = new Uint8Array(200_000);
    const file = (await sink.create("stream", 600_000))!;
    for (let i = 0; i < 3; i++) {
      buffer.set(pattern(200_000, i));
      await file.write(buffer);
      await sink.put(`put ${i}`, buffer);
      buffer.fill(0); // the caller may reuse its buffer
    }
    await file.close();
    for (let i = 0; i < 5; i++) {
      await sink.put(`more ${i}`, buffer.fill(i));
    }
  };
  const slow = new ByteBuilder();
  const output = {
    write: async (bytes: Uint8Array) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      slow.append(bytes);
    },
    close: () => {},
    abort: () => {},
  };
  const sink = new TarSink(output, new MemoryScratch());
  await fill(sink);
  await sink.finish();
  deepStrictEqual(slow.take(), await write(fill));
});

Deno.test("a name is taken once, and a file is no folder", async () => {
  const archive = await write(async (sink) => {
    ok(await sink.put("a/b", utf8("first")));
    strictEqual(await sink.put("a/b", utf8("second")), false);
    strictEqual(await sink.create("a/b"), undefined);
    strictEqual(await sink.create("a/b", 3), undefined);
    strictEqual(await sink.put("a", utf8("no")), false);
    strictEqual(await sink.put("a/b/c", utf8("no")), false);
    const file = (await sink.create("open"))!;
    strictEqual(await sink.put("open", utf8("no")), false);
    await file.close();
    sink.directory("d/e");
    strictEqual(await sink.put("d", utf8("no")), false);
    strictEqual(await sink.put("d/e", utf8("no")), false);
  });
  deepStrictEqual(await entriesOf(archive), [
    { name: "a/", data: utf8("") },
    { name: "a/b", data: utf8("first") },
    { name: "open", data: utf8("") },
    { name: "d/", data: utf8("") },
    { name: "d/e/", data: utf8("") },
  ]);
});

Deno.test("a file of known size must get as many bytes, whether it waits or not", async () => {
  const wrong = { code: "output-failed", file: "a", message: /announced/ };
  for (const waits of [false, true]) {
    const open = async () => {
      const sink = new TarSink(new Archive(), new MemoryScratch());
      if (waits) await sink.create("before", 1);
      return (await sink.create("a", 3))!;
    };
    const short = await open();
    await short.write(utf8("ab"));
    await rejects(async () => await short.close(), wrong);
    const long = await open();
    await long.write(utf8("abc"));
    await rejects(async () => {
      await long.write(utf8("d"));
      await long.close();
    }, wrong);
  }
});

Deno.test("an abort is the output's business", async () => {
  const archive = new Archive();
  const sink = new TarSink(archive, new MemoryScratch());
  await sink.put("a", utf8("a"));
  await sink.abort();
  deepStrictEqual(archive.calls, ["abort"]);
});
