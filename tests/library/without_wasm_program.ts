/**
 * Decodes captured snapshots and prints what came out, a line each. Before anything is loaded, it takes
 * away what its argument says: `nothing`, WebAssembly that is `forbidden` as by a page's rules,
 * `wasm` altogether, or `all`: the runtime's own crypto module as well.
 *
 *     deno run -A without_wasm_program.ts WHAT CASE…
 *
 * @module
 */

const [what, ...cases] = Deno.args;
const globals = globalThis as { WebAssembly?: unknown; process: { getBuiltinModule: unknown } };

/** How often something was to be compiled. */
let compiled = 0;
if (what === "forbidden") {
  const refuse = (): never => {
    compiled++;
    throw new Error("refused");
  };
  Object.assign(WebAssembly, { compile: refuse, instantiate: refuse, Module: refuse });
}
if (what === "wasm" || what === "all") delete globals.WebAssembly;
if (what === "all") globals.process.getBuiltinModule = undefined;

const { MemorySink, openSnapshot } = await import("../../mod.ts");
console.log("compiled at import", compiled);
const { casesOf, keysOf, snapshotsOf } = await import("../conformance/cases.ts");

for (const found of casesOf("real").filter(({ name }) => cases.includes(name))) {
  const snapshots = await snapshotsOf(found);
  const sink = new MemorySink();
  const snap = await openSnapshot(snapshots, { keys: keysOf(found), hash: true });
  const report = await snap.decode(sink, { wallTime: "2026-04-29T15:42:11Z" });
  const parts = [...sink.files].sort(([a], [b]) => a < b ? -1 : 1)
    .flatMap(([path, bytes]) => [`${path} ${bytes.length}\n`, bytes as BufferSource]);
  const all = await new Blob(parts).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
  console.log(found.name, report.exitCode, sink.files.size, digest);
}
if (what === "forbidden") console.log("compiled later", compiled > 0);
