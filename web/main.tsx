/** Where the page begins. @module */

import { render } from "preact";
import { App } from "./app.tsx";
import type { Picked } from "./worker/protocol.ts";
import { Client } from "./worker/client.ts";

const textOf = (id: string): string => document.getElementById(id)!.textContent!;

/** The worker's whole program lies in the page: there is no second file to load. */
function startWorker(): Worker {
  const program = new Blob([textOf("worker")], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(program), { name: "decant" });
}

/** A snapshot to try the page with: small files, packed, by their names. */
function sample(): Picked {
  const files = Object.entries<string>(JSON.parse(textOf("sample"))).map(([name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return { path: name, file: new File([bytes], name) };
  });
  return { files };
}

render(<App client={new Client(startWorker())} sample={sample} />, document.getElementById("app")!);
