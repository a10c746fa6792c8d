/** Runs commands like a Redis server, as far as a dump needs it, and is strict about them. */

interface Value {
  type: string;
  value: unknown;
  expire?: bigint;
}

/** What a server holds after commands. */
export class FakeRedis {
  /** Name → value, all text in latin-1. Hashes and sets are in the order of their names' bytes. */
  readonly keys = new Map<string, Value>();
  /** Name of a stream → the greatest id. */
  readonly last = new Map<string, string>();

  constructor(commands: string[][]) {
    for (const command of commands) this.#run(command);
  }

  #run([name, key, ...args]: string[]): void {
    switch (name) {
      case "SET":
        if (this.keys.has(key) || args.length !== 1) throw new Error(`SET ${key}`);
        this.keys.set(key, { type: "string", value: args[0], expire: undefined });
        return;
      case "RPUSH":
        return this.#add(key, "list", args);
      case "SADD":
        return this.#add(key, "set", args);
      case "PFADD":
        return this.#add(key, "hll", args, true);
      case "HSET":
        return this.#add(key, "hash", pairs(args));
      case "ZADD":
        return this.#add(key, "zset", pairs(args).map(([score, m]) => [m, numberOf(score)]));
      case "XADD":
        return this.#addEntry(key, args);
      case "XSETID":
        if (compareIds(args[0], this.last.get(key)!) < 0 && this.#elements(key).length > 0) {
          throw new Error("an id below the top entry");
        }
        this.last.set(key, args[0]);
        return;
      case "PEXPIREAT": {
        const value = this.keys.get(key);
        if (!value || value.expire !== undefined) throw new Error(`PEXPIREAT ${key}`);
        value.expire = BigInt(args[0]);
        if (value.expire >= 1n << 63n) throw new Error("out of range");
        return;
      }
      default:
        throw new Error(`unknown command ${name}`);
    }
  }

  #elements(key: string): unknown[] {
    return this.keys.get(key)!.value as unknown[];
  }

  #add(key: string, type: string, elements: unknown[], mayBeEmpty = false): void {
    if (elements.length === 0 && !mayBeEmpty) throw new Error(`nothing for ${key}`);
    const value = this.keys.get(key) ?? { type, value: [], expire: undefined };
    if (value.type !== type) throw new Error(`WRONGTYPE ${key}`);
    this.keys.set(key, value);
    (value.value as unknown[]).push(...elements);
  }

  #addEntry(key: string, args: string[]): void {
    const trim = args[0] === "MAXLEN" ? Number(args[1]) : undefined;
    const [id, ...fields] = trim === undefined ? args : args.slice(2);
    if (fields.length === 0 || fields.length % 2 !== 0) throw new Error(`XADD ${key}`);
    if (compareIds(id, this.last.get(key) ?? "0-0") <= 0) {
      throw new Error(`the id ${id} is too small`);
    }
    this.#add(key, "stream", [[id, ...fields]]);
    this.last.set(key, id);
    if (trim === 0) this.keys.get(key)!.value = [];
  }
}

function pairs(args: string[]): [string, string][] {
  if (args.length % 2 !== 0) throw new Error("an odd number of arguments");
  return args.flatMap((arg, i) => i % 2 ? [] : [[arg, args[i + 1]]]);
}

function numberOf(text: string): number {
  if (text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(text)) throw new Error(`not a score: ${text}`);
  return Number(text);
}

function compareIds(a: string, b: string): number {
  const [x, y] = [a, b].map((id) => id.split("-").map(BigInt));
  const difference = x[0] === y[0] ? x[1] - y[1] : x[0] - y[0];
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
