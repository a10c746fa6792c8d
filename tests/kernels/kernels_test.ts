import { rejects, strictEqual } from "node:assert/strict";
import { loadKernels } from "../../src/kernels/kernels.ts";

Deno.test("kernels are WebAssembly unless they are asked for by name", async () => {
  strictEqual((await loadKernels()).name, "wasm");
  strictEqual((await loadKernels("wasm")).name, "wasm");
  strictEqual((await loadKernels("js")).name, "js");
});

Deno.test("where WebAssembly cannot run, kernels are TypeScript", async () => {
  const { compile } = WebAssembly;
  const refuse = () => Promise.reject(new WebAssembly.CompileError("refused"));
  Object.assign(WebAssembly, { compile: refuse });
  try {
    strictEqual((await loadKernels()).name, "js");
    await rejects(loadKernels("wasm"), WebAssembly.CompileError);
  } finally {
    Object.assign(WebAssembly, { compile });
  }
});

Deno.test("the committed module is what asm/ compiles to", async () => {
  const check = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/build_kernels.ts", "--check"],
    cwd: new URL("../../", import.meta.url),
  });
  const { code, stderr } = await check.output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
});
