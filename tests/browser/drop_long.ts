/** Files and folders that are dropped, as a file manager does it, and folders that are picked. @module */

import { match, strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { contents, heading, pageTest, REAL } from "./page.ts";
import { noPicker } from "./trees.ts";

/** Drags files of the disk over the page and lets go. */
async function drop(page: Page, files: string[]): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await browser.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
}

/** Runs with the captured data directory of a node with three groups. */
async function withDirectory(action: (path: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const archive = `${REAL}/multi-group/data-dir.tar.gz`;
    await new Deno.Command("tar", { args: ["xzf", archive, "-C", folder] }).output();
    await action(`${folder}/data`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

pageTest("a file is dropped", async (page) => {
  await drop(page, [`${REAL}/ddb-history/snapshot.fsm`]);
  await heading(page).getByText("Sound: checksum verified.").waitFor();
  strictEqual((await contents(page)).get("DynamoDB table accounts"), "9 items");
});

pageTest("the files of all groups are dropped", async (page) => {
  await drop(page, [1, 2, 3].map((group) => `${REAL}/multi-group/group-${group}.fsm`));
  await heading(page).getByText("All 3 groups are here.").waitFor();
});

pageTest("a data directory is dropped", (page) =>
  withDirectory(async (path) => {
    await drop(page, [path]);
    await heading(page).getByText("All 3 groups are here.").waitFor();
    match(await page.locator(".what").innerText(), /^data\//);
  }));

pageTest("a data directory is picked", (page) =>
  withDirectory(async (path) => {
    await page.locator("label", { hasText: "data directory" }).locator("input").setInputFiles(path);
    await heading(page).getByText("All 3 groups are here.").waitFor();
  }), { before: noPicker });
