/**
 * Makes the page: one file with its script, its worker, the WebAssembly in it, styles and a sample.
 *
 *     deno task build:web          dist/web/decant.html
 *     deno task web [--port=N]     the same, and serves it on this machine
 *
 * The page's policy lets it run just these scripts and styles, which it names by their hashes, start
 * workers from its own memory, and connect to nothing. The same sources give the same bytes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const ROOT = new URL("../", import.meta.url);
const OUT = new URL("dist/web/", ROOT);
/** Something of all four adapters, from the three groups of a real node. */
const SAMPLE = ["group-1.fsm", "group-2.fsm", "group-3.fsm"];
const SAMPLES = "tests/fixtures/real/multi-group";
const PORT = 8642;

/** Writes the page, and returns its text. */
export async function buildPage(): Promise<string> {
  const [script, worker] = await Promise.all([
    bundle("web/main.tsx"),
    bundle("web/worker/main.ts"),
  ]);
  const style = read("web/style/tokens.css") + read("web/style/page.css");
  const sample = JSON.stringify(Object.fromEntries(SAMPLE.map((name) => {
    const bytes = Deno.readFileSync(new URL(`${SAMPLES}/${name}`, ROOT));
    return [`${name}.gz`, gzipSync(bytes, { level: 9 }).toString("base64")];
  })));
  const icon = btoa(read("web/icon.svg").trim());
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    "img-src data: blob:",
    "worker-src blob:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts: Record<string, string> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    icon: `<link rel="icon" href="data:image/svg+xml;base64,${icon}">`,
    style: `<style>${style}</style>`,
    // Of a type that no browser runs: the script reads their text.
    worker: `<script type="text/plain" id="worker">${worker}</script>`,
    sample: `<script type="text/plain" id="sample">${sample}</script>`,
    script: `<script>${script}</script>`,
  };
  // Replaced in one go: what is put in is not looked at again.
  const page = read("web/page.html").replace(/<!-- (\w+) -->/g, (_, name) => parts[name]);
  Deno.mkdirSync(OUT, { recursive: true });
  Deno.writeTextFileSync(new URL("decant.html", OUT), page);
  return page;
}

/** One entry and all that it imports, as a script that may stand inside of a page. */
async function bundle(entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", "--format=iife", "--minify", entry],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${entry}: ${text.decode(stderr)}`);
  return text.decode(stdout).trim()
    .replaceAll("<!--", "<\\!--")
    .replace(/<\/(script|style)/gi, "<\\/$1");
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The hash by which a policy allows a text. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

if (import.meta.main) {
  const page = await buildPage();
  console.log(`dist/web/decant.html: ${page.length} bytes`);
  if (Deno.args.includes("--serve")) {
    const port = Number(/^--port=(\d+)$/.exec(Deno.args.at(-1) ?? "")?.[1] ?? PORT);
    const headers = { "content-type": "text/html; charset=utf-8" };
    Deno.serve({ hostname: "127.0.0.1", port }, () => new Response(page, { headers }));
  }
}
