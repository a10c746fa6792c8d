/**
 * The page in a real browser: Debian's Chromium, from a file, with the network off before anything is
 * dropped. A message on the console, or an error that nobody took, fails the test.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { buildPage } from "../../scripts/build_page.ts";
import { hasProgram, isMissing } from "../support/programs.ts";

const CHROMIUM = "/usr/bin/chromium";

/** Captured snapshots. */
export const REAL: string = new URL("../fixtures/real", import.meta.url).pathname;

/** How a test opens the page. */
export interface PageOptions extends BrowserContextOptions {
  /** Serve it on this machine, as its own storage needs; a file unless given. */
  served?: boolean;
  /** Runs in the page before its script. */
  before?: () => void;
  /** Text of the page, made from what was built. */
  change?: (page: string) => string;
  /** Messages that the console may have. */
  expected?: RegExp;
}

let built: Promise<string> | undefined;

/** A test with the page open and the network off. */
export function pageTest(
  name: string,
  test: (page: Page) => Promise<void>,
  options: PageOptions = {},
): void {
  Deno.test({
    name: `page: ${name}`,
    ignore: isMissing(hasProgram("chromium")),
    // The browser is another process.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withPage(test, options),
  });
}

async function withPage(test: (page: Page) => Promise<void>, options: PageOptions): Promise<void> {
  const { served, before, change = (page) => page, expected, ...context } = options;
  const text = change(await (built ??= buildPage()));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const folder = Deno.makeTempDirSync();
  const server = served ? serve(text) : undefined;
  try {
    const page = await openPage(browser, context, before);
    const messages: string[] = [];
    page.on("console", (message) => messages.push(message.text()));
    page.on("pageerror", (error) => messages.push(String(error)));
    Deno.writeTextFileSync(`${folder}/decant.html`, text);
    await page.goto(server?.url ?? `file://${folder}/decant.html`);
    await page.context().setOffline(true);
    await test(page);
    const unexpected = messages.filter((message) => !expected?.test(message));
    ok(unexpected.length === 0, unexpected.join("\n"));
  } finally {
    await browser.close();
    await server?.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
  before: (() => void) | undefined,
): Promise<Page> {
  const context = await browser.newContext(options);
  if (before) await context.addInitScript(before);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

function serve(text: string): { url: string; stop(): Promise<void> } {
  const headers = { "content-type": "text/html; charset=utf-8" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(text, { headers }),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, stop: () => server.shutdown() };
}

/** A file as the browser's dialog gives it: one of the disk, or bytes with a name. */
export type Chosen = string | { name: string; mimeType: string; buffer: Buffer };

/** Bytes as a file. */
export function fileOf(name: string, bytes: Uint8Array): Chosen {
  return { name, mimeType: "", buffer: Buffer.from(bytes) };
}

/** Chooses files, and waits until they are open, or cannot be opened. */
export async function open(page: Page, files: Chosen[]): Promise<void> {
  await page.locator("label", { hasText: "Choose files" }).locator("input")
    .setInputFiles(files as string[]);
  await heading(page).and(page.locator(":not(:has-text('Reading'))")).waitFor();
}

/** The heading of the view. */
export function heading(page: Page) {
  return page.locator("h1");
}

/** What the table of an overview says: `DynamoDB table alpha` → `32 items`. */
export async function contents(page: Page): Promise<Map<string, string>> {
  const table = page.getByRole("region", { name: "What is in it" }).locator("tbody tr");
  await table.first().waitFor();
  const rows = await table.all();
  const all = new Map<string, string>();
  for (const row of rows) {
    const [kind, name, holds] = await row.locator("td").allInnerTexts();
    all.set(`${kind} ${name}`, holds);
  }
  return all;
}
