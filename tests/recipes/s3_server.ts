/** A server that takes every PUT and remembers it. @module */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An object that was put. */
export interface PutObject {
  /** Names in lower case; values with a character for each byte. */
  headers: IncomingHttpHeaders;
  sha256: string;
  size: number;
}

/** A server for one test. */
export class S3Server implements AsyncDisposable {
  /** Bucket and key with `/` between, a character for each byte → the object. */
  readonly objects = new Map<string, PutObject>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts a server; it answers 403 at once, and reads no body, for paths that it `refuses`. */
  static async start(refuses: (path: string) => boolean = () => false): Promise<S3Server> {
    const server = createServer(async (request, response) => {
      const path = fromPercent(request.url!.slice(1));
      if (request.method !== "PUT" || refuses(path)) {
        response.writeHead(403, { connection: "close" }).end("AccessDenied");
        return;
      }
      const sum = createHash("sha256");
      let size = 0;
      for await (const bytes of request) {
        sum.update(bytes);
        size += bytes.length;
      }
      s3.objects.set(path, { headers: request.headers, sha256: sum.digest("hex"), size });
      response.end();
    });
    const s3 = new S3Server(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return s3;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Percent escapes as bytes, a character for each. */
function fromPercent(path: string): string {
  return path.replace(
    /%([0-9A-F]{2})/g,
    (_, digits) => Buffer.from(digits, "hex").toString("latin1"),
  );
}
