/** What a worker says when it cannot work. */

import { ok } from "node:assert/strict";
import type { ToWorker } from "../../src/jobs/messages.ts";
import { serve, type WorkerScope } from "../../src/workers/serve.ts";

Deno.test("a worker that cannot load its kernels fails, so that nobody waits for it", async () => {
  const scope: WorkerScope = { onmessage: null, postMessage: () => {} };
  serve(scope, new Map());
  const failed = new Promise<string>((resolve) => {
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      resolve(event.message);
    }, { once: true });
  });
  const { compile } = WebAssembly;
  WebAssembly.compile = () => Promise.reject(new Error("no memory is left"));
  try {
    scope.onmessage!({ data: { type: "begin", kernel: "wasm" } } as MessageEvent<ToWorker>);
    ok((await failed).includes("no memory is left"));
  } finally {
    WebAssembly.compile = compile;
  }
});
