/** Opening snapshots in the page. @module */

import { deepStrictEqual, match, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { contents, fileOf, heading, open, pageTest, REAL } from "./page.ts";
import { sealedFiles } from "./sealed_files.ts";

/** What clients read when the snapshot was taken. */
interface Truth {
  dynamodb?: { tables: Record<string, { items: unknown[] }> };
  s3?: { buckets: Record<string, { objects: Record<string, unknown> }> };
  redis?: { keys: unknown[] };
  sqs?: { queues: Record<string, { messages: unknown[] }> };
}

/** [case, files] */
const CASES: [string, string[]][] = [
  ["ddb-history", ["snapshot.fsm"]],
  ["multi-group", ["group-1.fsm", "group-2.fsm", "group-3.fsm"]],
  ["redis-all", ["snapshot.fsm.gz"]],
  ["sqs-all", ["snapshot.fsm.gz"]],
  ["sst-ingest", ["snapshot.fsm.gz"]],
];

for (const [name, files] of CASES) {
  pageTest(`${name} has what clients saw`, async (page) => {
    await open(page, files.map((file) => `${REAL}/${name}/${file}`));
    match(await heading(page).innerText(), /^Sound: (every )?checksum verified\./);
    const truth: Truth = JSON.parse(Deno.readTextFileSync(`${REAL}/${name}/truth.json`));
    const found = await contents(page);
    const amount = (kind: string, scope: string): number =>
      Number(found.get(`${kind} ${scope}`)?.replace(/,| .*$/g, "") ?? 0);
    for (const [table, { items }] of Object.entries(truth.dynamodb?.tables ?? {})) {
      strictEqual(amount("DynamoDB table", table), items.length, table);
    }
    for (const [bucket, { objects }] of Object.entries(truth.s3?.buckets ?? {})) {
      strictEqual(amount("S3 bucket", bucket), Object.keys(objects).length, bucket);
    }
    for (const [queue, { messages }] of Object.entries(truth.sqs?.queues ?? {})) {
      strictEqual(amount("SQS queue", queue), messages.length, queue);
    }
  });
}

pageTest("the sample opens without any file", async (page) => {
  await page.getByRole("button", { name: "Try a sample" }).click();
  await heading(page).getByText("All 3 groups are here.").waitFor();
  strictEqual((await contents(page)).size, 9);
});

pageTest("one group of three is not taken for everything", async (page) => {
  await open(page, [`${REAL}/multi-group/group-2.fsm`]);
  match(await heading(page).innerText(), /Group 2 of 3: groups 1, 3 are missing\.$/);
});

pageTest("the table sorts by each column, both ways", async (page) => {
  await open(page, [`${REAL}/ddb-history/snapshot.fsm`]);
  const column = page.getByRole("region", { name: "What is in it" })
    .getByRole("columnheader", { name: "Name" });
  await column.getByRole("button").click();
  strictEqual(await column.getAttribute("aria-sort"), "ascending");
  const up = [...(await contents(page)).keys()];
  await column.getByRole("button").click();
  strictEqual(await column.getAttribute("aria-sort"), "descending");
  deepStrictEqual([...(await contents(page)).keys()], up.toReversed());
});

pageTest("a damaged file is said to be damaged, and where", async (page) => {
  const bytes = Deno.readFileSync(`${REAL}/ddb-history/snapshot.fsm`);
  bytes[50_000] ^= 1;
  await open(page, [fileOf("bad.fsm", bytes)]);
  match(await heading(page).innerText(), /^Not sound: 1 problem\./);
  await page.getByText("at byte 49950 of bad.fsm").waitFor();
});

pageTest("what is no snapshot is refused with what to do", async (page) => {
  await open(page, [fileOf("x<b>.fsm", new Uint8Array(5000))]);
  strictEqual(await heading(page).innerText(), "x<b>.fsm cannot be opened");
  await page.getByText("A node keeps its snapshots in its data directory").waitFor();
});

pageTest("an encrypted file asks for its keys, and opens with them", async (page) => {
  const { snapshot, keys, kek } = sealedFiles();
  await open(page, [fileOf("sealed.fsm", snapshot)]);
  await page.getByRole("heading", { name: "It is encrypted" }).waitFor();
  const give = async (key: Uint8Array): Promise<void> => {
    await page.getByLabel("Key file").setInputFiles(fileOf("keys.json", keys));
    await page.getByLabel("Key-encryption key").setInputFiles(fileOf("kek.bin", key));
    await page.getByRole("button", { name: "Open with these keys" }).click();
  };
  await give(new Uint8Array(32));
  await page.getByText("this is not its key-encryption key").waitFor();
  await give(kek);
  await page.getByRole("region", { name: "What is in it" }).waitFor();
  strictEqual(await page.getByRole("heading", { name: "It is encrypted" }).count(), 0);
});

pageTest("another file can be opened", async (page) => {
  await page.getByRole("button", { name: "Try a sample" }).click();
  await heading(page).getByText("Sound").waitFor();
  await page.getByRole("button", { name: "Other file" }).click();
  await page.getByRole("heading", { name: "See what is in your backup" }).waitFor();
});

pageTest("an earlier moment can be read, and the newest again", async (page) => {
  await open(page, [`${REAL}/ddb-history/snapshot.fsm`]);
  const newest = await contents(page);
  const moment = page.getByRole("slider");
  const button = page.getByRole("button", { name: "Read as of this moment" });
  ok(await button.isDisabled());
  await moment.press("Home");
  await button.click();
  await heading(page).getByText("As of 2026-").waitFor();
  notDeepStrictEqual(await contents(page), newest);
  await moment.press("End");
  await button.click();
  await heading(page).getByText(/^Sound: checksum verified\. Committed/).waitFor();
  deepStrictEqual(await contents(page), newest);
});

pageTest("an area of the map leads to the keys of its table", async (page) => {
  await open(page, [`${REAL}/ddb-history/snapshot.fsm`]);
  await page.locator(".treemap text", { hasText: "accounts" }).click();
  await page.getByText("9 items", { exact: true }).first().waitFor();
  await page.locator("[aria-level='3']").first().waitFor();
});
