/** Finding records in the page: all four adapters, by mouse and by keyboard. @module */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { fileOf, open, pageTest, REAL } from "./page.ts";
import { noPicker } from "./trees.ts";
import { rawStream, storedKey, storedValue } from "../support/stream.ts";
import { compareBytes } from "../../src/bytes/compare.ts";

const GROUPS = [1, 2, 3].map((group) => `${REAL}/multi-group/group-${group}.fsm`);
const TRUTH = JSON.parse(Deno.readTextFileSync(`${REAL}/multi-group/truth.json`));

async function openFinding(page: Page): Promise<void> {
  await open(page, GROUPS);
  await page.getByRole("button", { name: "Find a record" }).click();
  await page.getByRole("heading", { name: "Find" }).waitFor();
}

/** Opens a scope, shows only keys with the text, and goes to the first of them. */
async function find(page: Page, scope: RegExp, text: string): Promise<void> {
  await page.getByRole("treeitem", { name: scope }).click();
  await page.locator(".list [role=status]").getByText(/^[\d,]+ \w+$/).waitFor();
  await page.getByRole("searchbox").fill(text);
  await page.locator("[aria-level='3']").first().click();
  await page.locator("article h2").waitFor();
  await page.getByRole("button", { name: "Save this record" }).waitFor();
}

/** The cells of the rows of the record's table. */
async function cells(page: Page): Promise<string[][]> {
  const rows = await page.locator("article tbody tr").all();
  return await Promise.all(rows.map((row) => row.locator("td").allInnerTexts()));
}

pageTest("an item has its attributes, with their types, and its versions", async (page) => {
  await openFinding(page);
  await find(page, /alpha/, "i13");
  const item = TRUTH.dynamodb.tables.alpha.items.find(({ id }: { id: { S: string } }) =>
    id.S === "i13"
  );
  const shown = await cells(page);
  deepStrictEqual(shown.map(([name]) => name).sort(), Object.keys(item).sort());
  for (const [name, type, value] of shown) {
    deepStrictEqual([type], Object.keys(item[name]));
    if (type === "S" || type === "N") strictEqual(value, item[name][type]);
  }
  await page.getByText("v: 13 → 38").waitFor();
});

pageTest("an object has its headers and its bytes, and can be saved", async (page) => {
  await openFinding(page);
  await find(page, /bk-one/, "grove/o8");
  await page.getByText("e07db255e311142834b763cb043fc3bd").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save this record" }).click();
  const file = await download;
  strictEqual(file.suggestedFilename(), "o8");
  const bytes = readFileSync(await file.path());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  strictEqual(digest.toHex(), TRUTH.s3.buckets["bk-one"].objects["grove/o8"].sha256);
}, { before: noPicker });

pageTest("a Redis hash has its fields, a string its text", async (page) => {
  await openFinding(page);
  await find(page, /67 keys/, "0num:h");
  deepStrictEqual((await cells(page)).sort(), [["f", "1"], ["g", "2"]]);
  await page.getByRole("searchbox").fill("0nu?");
  await page.locator("[aria-level='3']").first().click();
  await page.getByLabel("Text", { exact: true }).getByText("0num v2").waitFor();
});

pageTest("a message has its body and what the queue knows of it", async (page) => {
  await openFinding(page);
  const [message] = TRUTH.sqs.queues.mgq.messages;
  const body = message.body ?? atob(message.body_b64);
  await find(page, /mgq/, message.message_id ?? "");
  const shown = await page.locator("article pre").first().innerText();
  const bodies: string[] = TRUTH.sqs.queues.mgq.messages.map((one: { body: string }) => one.body);
  ok(bodies.includes(shown) || shown === body);
  await page.getByText("send timestamp millis").waitFor();
});

pageTest("the keyboard alone finds a record and saves it", async (page) => {
  await page.keyboard.press("Tab");
  ok(await page.evaluate(() => document.activeElement?.matches("input[type=file]")));
  await open(page, GROUPS);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const tabTo = async (selector: string): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      await press("Tab");
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    }
    throw new Error(`no way to ${selector}`);
  };
  await tabTo("button.primary");
  await press("Enter");
  await tabTo("[role=tree]");
  const active = (): Promise<string> =>
    page.evaluate(() => {
      const id = document.activeElement!.getAttribute("aria-activedescendant")!;
      return document.getElementById(id)!.innerText.replace(/\s+/g, " ").trim();
    });
  await press("End");
  match(await active(), /mgq/);
  await press("Home");
  strictEqual(await active(), "DynamoDB");
  await press("a");
  match(await active(), /alpha/);
  await press("Enter");
  await page.getByText("32 items", { exact: true }).first().waitFor();
  await page.locator("[aria-level='3']").first().waitFor();
  await press("ArrowDown", "ArrowDown");
  strictEqual(await active(), "i10");
  await page.keyboard.type("i13");
  await page.locator("[aria-activedescendant='row-4']").waitFor();
  strictEqual(await active(), "i13");
  const row = page.locator("#row-4");
  strictEqual(await row.getAttribute("aria-setsize"), "32");
  strictEqual(await row.getAttribute("aria-posinset"), "3");
  await press("Enter");
  await page.locator("article h2").getByText("i13").waitFor();
  await page.waitForFunction(() => document.activeElement?.matches("article h2"));
  const download = page.waitForEvent("download");
  await press("Tab", "Enter");
  const item = JSON.parse(readFileSync(await (await download).path(), "utf8"));
  strictEqual(item.id.S, "i13");
}, { before: noPicker });

pageTest("Back goes to the record before, and the address says nothing", async (page) => {
  await openFinding(page);
  await find(page, /alpha/, "i13");
  await page.locator("[role=treeitem]", { hasText: "bk-one" }).click();
  await page.getByText("Choose a key to see its record.").waitFor();
  await page.goBack();
  await page.locator("article h2").getByText("i13").waitFor();
  match(page.url(), /decant\.html$/);
});

/** What stands before a Redis string that does not expire. */
const PREAMBLE = [0xff, 0x01, 0x00];

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "<script>fetch('http://127.0.0.1:1/')</script>",
  "a\u202egpj.exe",
  "javascript:alert(1)",
  "line\nbreak\x1b[31m",
];

pageTest("names and values that are HTML, scripts and direction marks do nothing", async (page) => {
  const entries = HOSTILE.map((text) => {
    const value = Uint8Array.from([...PREAMBLE, ...new TextEncoder().encode(text)]);
    return [
      storedKey(`!redis|str|${text}`, 5n),
      storedValue({ key: "", value }),
    ] as [Uint8Array, Uint8Array];
  }).sort(([a], [b]) => compareBytes(a, b));
  await open(page, [fileOf(HOSTILE[0] + ".fsm", rawStream(entries, 5n))]);
  await page.getByRole("button", { name: "Find a record" }).click();
  await page.getByRole("treeitem", { name: /5 keys/ }).click();
  for (let i = 0; i < HOSTILE.length; i++) {
    await page.locator("[aria-level='3']").nth(i).click();
    await page.locator("article h2").waitFor();
  }
  const labels = await page.locator("[aria-level='3'] .label").allInnerTexts();
  ok(labels.includes(HOSTILE[0]));
  ok(labels.includes("a\\u{202e}gpj.exe"));
  ok(labels.some((label) => label.startsWith("line\\x0abreak\\x1b[31m")));
  strictEqual(await page.locator("img, article script").count(), 0);
});

pageTest(
  "a list of a hundred thousand keys stays short, and its end is one key away",
  async (page) => {
    const entries: [Uint8Array, Uint8Array][] = [];
    for (let i = 0; i < 100_000; i++) {
      const key = `!redis|str|key-${String(i).padStart(6, "0")}`;
      const value = Uint8Array.of(...PREAMBLE, 0x31);
      entries.push([storedKey(key, 5n), storedValue({ key, value })]);
    }
    await open(page, [fileOf("long.fsm", rawStream(entries, 5n))]);
    await page.getByRole("button", { name: "Find a record" }).click();
    await page.getByRole("treeitem", { name: /100,000 keys/ }).click();
    await page.locator(".list [role=status]").getByText("100,000 keys", { exact: true }).waitFor();
    await page.locator("[role=tree]").press("End");
    await page.locator(".row.active").getByText("key-099999").waitFor();
    ok(await page.locator("[role=treeitem]").count() < 100);
    await page.getByRole("searchbox").fill("key-05?000");
    await page.locator(".list [role=status]").getByText("10 of 100,000 keys").waitFor();
  },
);
