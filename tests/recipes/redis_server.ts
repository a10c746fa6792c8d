/** A Redis server for one test, and a client for it. @module */

/** A reply; strings have a character for each byte. */
export type Reply = string | number | null | Reply[];

/** A server on a port of its own that keeps nothing. */
export class RedisServer implements AsyncDisposable {
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #client: Client;

  private constructor(url: string, process: Deno.ChildProcess, client: Client) {
    this.url = url;
    this.#process = process;
    this.#client = client;
  }

  /** Starts a server. */
  static async start(): Promise<RedisServer> {
    const port = freePort();
    const settings = { bind: "127.0.0.1", port, save: "", appendonly: "no" };
    const process = new Deno.Command("redis-server", {
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const client = await Client.connect(port);
      return new RedisServer(`redis://127.0.0.1:${port}`, process, client);
    } catch (error) {
      process.kill();
      throw error;
    }
  }

  /** Sends a command with a character for each byte. */
  command(...args: string[]): Promise<Reply> {
    return this.#client.command(args);
  }

  /** Stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    this.#process.kill();
    await this.#process.status;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

class Client {
  readonly #connection: Deno.TcpConn;
  /** What was received and not read, with a character for each byte. */
  #text = "";
  #at = 0;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects, as soon as the server is there. */
  static async connect(port: number): Promise<Client> {
    for (let tries = 0;; tries++) {
      try {
        return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
      } catch (error) {
        if (tries === 500) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  close(): void {
    this.#connection.close();
  }

  async command(args: string[]): Promise<Reply> {
    const text = `*${args.length}\r\n` + args.map((a) => `$${a.length}\r\n${a}\r\n`).join("");
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(bytes.subarray(at));
    }
    return await this.#reply();
  }

  async #reply(): Promise<Reply> {
    const line = await this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return rest;
      case ":":
        return Number(rest);
      case "$":
        return rest === "-1" ? null : (await this.#take(Number(rest) + 2)).slice(0, -2);
      case "*": {
        const replies: Reply[] = [];
        for (let i = 0; i < Number(rest); i++) replies.push(await this.#reply());
        return replies;
      }
      default:
        throw new Error(rest);
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\r\n", this.#at);
      if (end >= 0) return (await this.#take(end + 2 - this.#at)).slice(0, -2);
      await this.#receive();
    }
  }

  async #take(length: number): Promise<string> {
    while (this.#text.length < this.#at + length) await this.#receive();
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  async #receive(): Promise<void> {
    const bytes = new Uint8Array(1 << 16);
    const length = await this.#connection.read(bytes);
    if (length === null) throw new Error("the server closed the connection");
    this.#text = this.#text.slice(this.#at) + latin1(bytes.subarray(0, length));
    this.#at = 0;
  }
}

/** A character for each byte. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
