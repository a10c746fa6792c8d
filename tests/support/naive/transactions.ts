/** Values of the rows of transactions, a second time; `undefined` where they are malformed. @module */

/** Numbers and texts, one character a byte, read from the front. */
class Fields {
  ok = true;
  #rest: string;

  constructor(value: string) {
    this.#rest = value;
  }

  take(length: number): string {
    if (this.#rest.length < length) this.ok = false;
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  number(length: number): bigint {
    return [...this.take(length)].reduce((n, c) => n * 256n + BigInt(c.charCodeAt(0)), 0n);
  }

  counted(): string {
    const length = this.number(8);
    return length > BigInt(this.#rest.length) ? this.take(Infinity) : this.take(Number(length));
  }

  /** Whether everything was there, and no more. */
  get whole(): boolean {
    return this.ok && this.#rest === "";
  }
}

/** A lock: the eight bytes of its start, and the primary key of its transaction. */
export function parseLock(value: string): { start: string; primary: string } | undefined {
  const fields = new Fields(value);
  const version = fields.number(1);
  const start = fields.take(8);
  fields.take(9); // expiry and flags
  const primary = fields.counted();
  return version === 1n && fields.whole ? { start, primary } : undefined;
}

/** An intent: the eight bytes of its start, and the new value unless it is a deletion. */
export function parseIntent(value: string): { start: string; value?: string } | undefined {
  const fields = new Fields(value);
  const version = fields.number(1);
  const start = fields.take(8);
  const operation = fields.number(1);
  const body = fields.counted();
  if (version !== 1n || operation > 1n || !fields.whole) return undefined;
  return { start, value: operation === 0n ? body : undefined };
}

/** A commit record: the commit time. */
export function parseCommit(value: string): bigint | undefined {
  const fields = new Fields(value);
  const version = fields.number(1);
  const time = fields.number(8);
  return version === 1n && fields.whole ? time : undefined;
}

/** A route: a range of route keys and its group. */
export interface NaiveRoute {
  group: bigint;
  start: string;
  end?: string;
}

/** A route; later versions than 2 may say more at the end. */
export function parseRoute(value: string): NaiveRoute | undefined {
  const fields = new Fields(value);
  const version = fields.number(1);
  fields.take(8); // the route's number
  const group = fields.number(8);
  fields.take(9); // state and parent
  const start = fields.counted();
  const bounded = fields.number(1);
  const end = bounded === 1n ? fields.counted() : undefined;
  if (version >= 2n) fields.take(8); // the time of the split
  if (version === 0n || bounded > 1n) return undefined;
  return (version > 2n ? fields.ok : fields.whole) ? { group, start, end } : undefined;
}
