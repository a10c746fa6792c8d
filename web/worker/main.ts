/** Where the worker begins: it takes calls, and answers each. @module */

import { AbortedError, DecantError } from "../../src/errors.ts";
import type { Calls, Progress, Reply, Request, Told } from "./protocol.ts";
import { Session } from "./session.ts";

const running = new Map<number, AbortController>();
const session = new Session();
const post = (reply: Reply): void => (self as unknown as Worker).postMessage(reply);

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  if ("cancel" in data) running.get(data.id)?.abort(new AbortedError());
  else void answer(data.id, data.call, data.argument);
};

async function answer(id: number, call: keyof Calls, argument: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const progress = (progress: Progress): void => post({ id, progress });
  try {
    const method = session[call] as (argument: unknown, work: Work) => Promise<unknown>;
    const value = await method.call(session, argument, { signal: controller.signal, progress });
    post({ id, value });
  } catch (error) {
    post({ id, error: tell(error) });
  } finally {
    running.delete(id);
  }
}

/** What comes with a call: how it is stopped, and whom it tells how far it is. */
export interface Work {
  signal: AbortSignal;
  progress(progress: Progress): void;
}

function tell(error: unknown): Told {
  if (error instanceof DecantError) {
    const { code, message, file, offset, hint } = error;
    return { code, message, file, offset, hint };
  }
  return { code: "unexpected", message: error instanceof Error ? error.message : String(error) };
}
