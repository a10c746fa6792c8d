/**
 * Uploads the objects of a stream of record lines, each with its headers, to a server that speaks S3.
 * The stream needs the bodies. Everything here is Node's, so it runs in Deno and in Node.
 *
 *     decant decode SNAPSHOT --adapter s3 --format records --bodies -o - |
 *       deno run --allow-net --allow-env examples/s3_upload.ts https://s3.eu-central-1.amazonaws.com
 *
 * Buckets must exist. Requests are signed if AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set
 * (and AWS_SESSION_TOKEN, where there is one), for the region AWS_REGION or us-east-1. The SHA-256 of
 * a body is known from its record line and signed, so the server notices when a body is not the one.
 *
 * Objects that the server refuses are listed; the exit code is 1 then.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import process from "node:process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Text, or bytes that are no text. */
type Name = string | { base64: string };

/** What a record line says of an object. Empty members are absent. */
interface ObjectValue {
  size_bytes: number;
  sha256: string;
  content_type?: string;
  content_encoding?: string;
  cache_control?: string;
  content_disposition?: string;
  user_metadata?: { [name: string]: string };
}

/** Who signs, and for where. */
export interface Signer {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region: string;
}

type Headers = { [lowerCaseName: string]: string };

const STANDARD_HEADERS = [
  "content_type",
  "content_encoding",
  "cache_control",
  "content_disposition",
] as const;

if (import.meta.main) process.exitCode = await uploadAll(new URL(process.argv[2]), process.stdin);

async function uploadAll(server: URL, input: Readable): Promise<number> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  let done = 0;
  let refused = 0;
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const { type, scope, key, value } = JSON.parse(next.value);
    if (type !== "object") continue; // Also the rest of a body that the server did not want.
    const path = `/${percent(bytesOf(scope))}/${objectPath(bytesOf(key))}`;
    const problem = await upload(server, path, value, lines);
    if (problem === undefined) done++;
    else {
      refused++;
      console.error(`${path}: ${problem}`);
    }
  }
  console.error(`${done} objects uploaded, ${refused} refused`);
  return refused === 0 ? 0 : 1;
}

/** Sends one object; returns what the server has against it. */
async function upload(
  server: URL,
  path: string,
  value: ObjectValue,
  lines: AsyncIterator<string>,
): Promise<string | undefined> {
  const send = server.protocol === "https:" ? secureRequest : plainRequest;
  const headers = signed("PUT", path, headersOf(server.host, value), signerFrom(process.env));
  const { hostname, port } = server;
  try {
    const request: ClientRequest = send({ hostname, port, method: "PUT", path, headers });
    const answered = once(request, "response");
    await Promise.all([pipeline(Readable.from(bodyFrom(lines, value.size_bytes)), request), answered]);
    const [response]: [IncomingMessage] = await answered as [IncomingMessage];
    const text = (await Array.fromAsync(response)).join("");
    return response.statusCode === 200 ? undefined : `${response.statusCode} ${text.slice(0, 500)}`;
  } catch (error) {
    return String(error);
  }
}

/** The bytes of a body: they stand in the lines that follow the object's. */
async function* bodyFrom(lines: AsyncIterator<string>, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const { value: line, done } = await lines.next();
    if (done) throw new Error("the stream has no bodies: decode with --bodies");
    const bytes = Buffer.from(JSON.parse(line).value.data, "base64");
    left -= bytes.length;
    yield bytes;
  }
}

function headersOf(host: string, value: ObjectValue): Headers {
  const headers: Headers = {
    host,
    "content-length": String(value.size_bytes),
    "x-amz-content-sha256": value.sha256,
  };
  for (const name of STANDARD_HEADERS) {
    const text = value[name];
    if (text !== undefined) headers[name.replace("_", "-")] = utf8(text);
  }
  for (const [name, text] of Object.entries(value.user_metadata ?? {})) {
    headers[`x-amz-meta-${name}`] = utf8(text);
  }
  return headers;
}
