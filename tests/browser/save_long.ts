/** Saving from the page: the same bytes as from the command line, whatever they go into. @module */

/// <reference lib="dom" />

import { match, ok, strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { type Chosen, fileOf, heading, open, pageTest, REAL } from "./page.ts";
import { decoded, lines, noPicker, pickStorage, sameTrees, stored, unpacked } from "./trees.ts";

const GROUPS = [1, 2, 3].map((group) => `${REAL}/multi-group/group-${group}.fsm`);
/** As the page does it unless told otherwise. */
const BUNDLES = "--dynamodb-bundle-mode=jsonl";

async function openSaving(page: Page, files: Chosen[]): Promise<void> {
  await open(page, files);
  await page.getByRole("button", { name: "Save everything" }).click();
  await page.getByRole("heading", { name: "Save" }).waitFor();
}

/** Saves as a format, and gives what the browser downloads. */
async function saved(page: Page, format: string): Promise<Uint8Array> {
  await page.getByLabel(format).check();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save", exact: true }).last().click();
  return readFileSync(await (await download).path());
}

for (const format of ["Zip archive", "Tar archive"]) {
  pageTest(`a ${format} from a disk has the tree of the command line`, async (page) => {
    await openSaving(page, GROUPS);
    await page.getByText("held in memory, up to 512 MiB").waitFor();
    const archive = await saved(page, format);
    match(await heading(page).innerText(), /^Saved to 3-files\.(zip|tar), in your downloads: /);
    sameTrees(await unpacked(archive), await decoded([...GROUPS, BUNDLES]));
  }, { before: noPicker });

  pageTest(`a ${format} by way of the browser's storage is the same`, async (page) => {
    await openSaving(page, [`${REAL}/sst-ingest/snapshot.fsm.gz`]);
    await page.getByText("this browser's own storage").waitFor();
    const archive = await saved(page, format);
    const expected = await decoded([`${REAL}/sst-ingest/snapshot.fsm.gz`, BUNDLES]);
    sameTrees(await unpacked(archive), expected);
  }, { before: noPicker, served: true });
}

pageTest("record lines are those of the command line", async (page) => {
  await openSaving(page, GROUPS);
  const found = new TextDecoder().decode(await saved(page, "Record lines"));
  strictEqual(found, await lines(GROUPS));
}, { before: noPicker });

pageTest("a part of it, one file an item", async (page) => {
  await openSaving(page, GROUPS);
  await page.getByRole("button", { name: "None" }).click();
  await page.getByLabel(/alpha/).check();
  await page.getByLabel(/bk-two/).check();
  await page.getByLabel("One file for each DynamoDB item").check();
  const archive = await saved(page, "Zip archive");
  const expected = await decoded([
    ...GROUPS,
    "--scope=dynamodb=alpha",
    "--scope=s3=bk-two",
  ]);
  sameTrees(await unpacked(archive), expected);
}, { before: noPicker });

pageTest("rows of no known kind can be had, too: then it is complete", async (page) => {
  await openSaving(page, GROUPS);
  await page.getByLabel("Rows of no known kind").check();
  const archive = await saved(page, "Zip archive");
  await page.getByText("Everything that was asked for is in it.").waitFor();
  sameTrees(await unpacked(archive), await decoded([...GROUPS, BUNDLES, "--raw"]));
}, { before: noPicker });

async function saveToFolder(page: Page): Promise<void> {
  await page.getByLabel("Files in a folder").check();
  await page.getByRole("button", { name: "Choose a folder and save" }).click();
}

for (const name of ["multi-group", "s3-hostile-keys"]) {
  const files = name === "multi-group" ? GROUPS : [`${REAL}/${name}/snapshot.fsm`];
  pageTest(`a folder has the tree of the command line: ${name}`, async (page) => {
    await openSaving(page, files);
    await saveToFolder(page);
    await page.getByText("Saved to out:").waitFor();
    sameTrees(await stored(page), await decoded([...files, BUNDLES, ...await rule(page)]));
    await page.getByRole("button", { name: "Save something else" }).click();
    await saveToFolder(page);
    await page.getByText("The folder is not empty").waitFor();
  }, { before: pickStorage, served: true });
}

/** The rule of names that the browser's storage needs. */
async function rule(page: Page): Promise<string[]> {
  const manifest = new TextDecoder().decode((await stored(page)).get("MANIFEST.json"));
  return JSON.parse(manifest).file_names === "portable" ? ["--portable-names"] : [];
}

/** Puts code before that of the worker. */
const inWorker = (code: string) => (page: string) =>
  page.replace(/<script type="text\/plain" id="worker">/, (tag) => tag + code);

pageTest("a name that the folder refuses ends the saving, and nothing is left", async (page) => {
  await openSaving(page, GROUPS);
  await saveToFolder(page);
  await page.getByText("The browser refuses this name in a folder").waitFor();
  await page.getByText("Save an archive: it keeps every name.").waitFor();
  strictEqual((await stored(page)).size, 0);
}, {
  before: pickStorage,
  served: true,
  change: inWorker(`{
    const get = FileSystemDirectoryHandle.prototype.getFileHandle;
    FileSystemDirectoryHandle.prototype.getFileHandle = async function (name, options) {
      if (name === "kiwi.bin") throw new TypeError("Name is not allowed.");
      return get.call(this, name, options);
    };
  }`),
});

pageTest("saving can be cancelled half-way, and nothing is left", async (page) => {
  await openSaving(page, GROUPS);
  await saveToFolder(page);
  await page.getByRole("heading", { name: "Saving" }).waitFor();
  await page.waitForFunction(async () => {
    const root = await navigator.storage.getDirectory();
    const out = await root.getDirectoryHandle("out", { create: true });
    for await (const name of out.keys()) if (name === "dynamodb") return true;
    return false;
  });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Save", exact: true }).waitFor();
  strictEqual((await stored(page)).size, 0);
}, {
  before: pickStorage,
  served: true,
  change: inWorker(`{
    const get = FileSystemDirectoryHandle.prototype.getFileHandle;
    FileSystemDirectoryHandle.prototype.getFileHandle = async function (name, options) {
      await new Promise((done) => setTimeout(done, 200));
      return get.call(this, name, options);
    };
  }`),
});

pageTest("of a damaged file nothing is saved, and then what is sound", async (page) => {
  const bytes = Deno.readFileSync(`${REAL}/ddb-history/snapshot.fsm`);
  bytes[50_000] ^= 1;
  await openSaving(page, [fileOf("bad.fsm", bytes)]);
  await page.getByRole("button", { name: "Save", exact: true }).last().click();
  await page.getByText("Nothing was saved.").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save what is sound" }).click();
  const tree = await unpacked(readFileSync(await (await download).path()));
  ok(tree.has("ERRORS.jsonl"));
  await page.getByText("Not everything is in it").waitFor();
}, { before: noPicker });
