/** The npm package as the archive that `npm publish` and `npm install` take. @module */

import { gzipSync } from "node:zlib";
import { ByteBuilder } from "../../src/bytes/builder.ts";
import { TarSink } from "../../src/sinks/tar_sink.ts";
import { MemoryScratch } from "../../src/sources/scratch.ts";

/** The one Deno that all this is tested with. */
const DENO = "2.9.6";

/** What the package says of itself. */
export function packageJson(version: string): string {
  const types = "./decant.d.mts";
  const manifest = {
    name: "@ekv/decant",
    version,
    description: "Opens the snapshots of an elastickv node and pours out what is in them",
    license: "Apache-2.0",
    type: "module",
    main: "./decant.mjs",
    types,
    exports: { ".": { types, default: "./decant.mjs" }, "./package.json": "./package.json" },
    bin: { decant: "bin.mjs" },
    engines: { node: ">=20" },
    // The command line runs in it; who only imports the library may leave it out.
    optionalDependencies: { deno: DENO },
  };
  return JSON.stringify(manifest, null, 2) + "\n";
}

/** An archive of files, the same for the same files. */
export async function tarball(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const bytes = new ByteBuilder();
  const output = {
    write: (part: Uint8Array) => void bytes.append(part),
    close: () => {},
    abort: () => {},
  };
  const tar = new TarSink(output, new MemoryScratch());
  for (const [path, text] of files) {
    await tar.put(`package/${path}`, new TextEncoder().encode(text));
  }
  await tar.finish();
  return new Uint8Array(gzipSync(bytes.view(), { level: 9 }));
}
