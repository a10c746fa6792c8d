/** What the page may not do, tried with the network on: offline would prove nothing. @module */

/// <reference lib="dom" />

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { contents, heading, open, pageTest, REAL } from "./page.ts";

const ANY = /Content Security Policy|Refused|Failed to (load|fetch)|violat/;

pageTest("the page may connect to nothing", async (page) => {
  await page.context().setOffline(false);
  const refused = await page.evaluate(async () => {
    const seen: string[] = [];
    addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
    await fetch(location.href).catch(() => {});
    try {
      new WebSocket("ws://127.0.0.1:9/");
    } catch {
      // Some browsers tell it only by the event.
    }
    const image = new Image();
    image.src = "http://127.0.0.1:9/x.png";
    document.body.append(image);
    const script = document.createElement("script");
    script.textContent = "globalThis.broken = 1";
    document.body.append(script);
    const frame = document.createElement("iframe");
    frame.src = "http://127.0.0.1:9/";
    document.body.append(frame);
    await new Promise((done) => setTimeout(done, 500));
    return { seen: [...new Set(seen)].sort(), broken: (globalThis as { broken?: 1 }).broken };
  });
  strictEqual(refused.broken, undefined);
  deepStrictEqual(refused.seen, ["connect-src", "frame-src", "img-src", "script-src-elem"]);
}, { served: true, expected: ANY });

pageTest("the worker may connect to nothing", async (page) => {
  await page.context().setOffline(false);
  const [worker] = page.workers();
  const refused = await worker.evaluate(async () => {
    const seen: string[] = [];
    addEventListener(
      "securitypolicyviolation",
      (event) => seen.push((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    await fetch("http://127.0.0.1:9/").catch(() => {});
    try {
      (globalThis as unknown as { importScripts(url: string): void })
        .importScripts("http://127.0.0.1:9/x.js");
    } catch {
      seen.push("importScripts threw");
    }
    await new Promise((done) => setTimeout(done, 500));
    return [...new Set(seen)].sort();
  });
  deepStrictEqual(refused, ["connect-src", "importScripts threw", "script-src-elem"]);
}, { served: true, expected: ANY });

pageTest("where WebAssembly is forbidden, plain code does the same", async (page) => {
  await open(page, [`${REAL}/ddb-history/snapshot.fsm`]);
  await heading(page).getByText("Sound: checksum verified.").waitFor();
  strictEqual((await contents(page)).get("DynamoDB table accounts"), "9 items");
}, { change: (page) => page.replace(" 'wasm-unsafe-eval'", ""), expected: ANY });
