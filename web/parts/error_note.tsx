/** An error in a view that goes on. @module */

import { printable } from "../../src/text/printable.ts";
import type { Told } from "../worker/protocol.ts";

/** What is wrong, and what to do. */
export function ErrorNote({ error: { message, file, hint } }: { error: Told }) {
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{printable(capital(message), 1000)}</strong>
        {file !== undefined && <span class="name">: {printable(file)}</span>}
      </p>
      {hint !== undefined && <p>{printable(capital(hint), 1000)}.</p>}
    </div>
  );
}

/** A message begins in lower case, a sentence does not. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
