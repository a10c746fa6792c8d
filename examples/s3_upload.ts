/**
 * Uploads the objects of a stream of record lines, each with its headers, to a server that speaks S3.
 * The stream must have the bodies. All imports are Node's, so this runs in Deno and in Node.
 *
 *     decant decode SNAPSHOT --adapter s3 --format records --bodies -o - |
 *       deno run --allow-net --allow-env examples/s3_upload.ts https://s3.eu-central-1.amazonaws.com
 *
 * Buckets must exist. Requests are signed if AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set
 * (and AWS_SESSION_TOKEN, where there is one), for the region AWS_REGION or us-east-1. A record line
 * knows the SHA-256 of its body; it is sent along, so that the server notices any other body.
 *
 * Objects that the server refuses are listed, and the exit code is 1; also when the stream was cut
 * short.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import process from "node:process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a record line says of an object; what is empty is absent. */
interface ObjectValue {
  size_bytes: number;
  sha256: string;
  content_type?: string;
  content_encoding?: string;
  cache_control?: string;
  content_disposition?: string;
  user_metadata?: { [name: string]: string };
}

/** Who signs, and for which region. */
export interface Signer {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region: string;
}

/** Header names in lower case; values with a character for each byte. */
export type Headers = { [name: string]: string };

const HEADERS = [
  "content_type",
  "content_encoding",
  "cache_control",
  "content_disposition",
] as const;

async function uploadAll(server: URL, input: Readable): Promise<boolean> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  let uploaded = 0;
  let refused = 0;
  let whole = false;
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const { type, scope, key, value } = JSON.parse(next.value);
    if (type === "end") whole = true;
    if (type !== "object") continue; // Also what is left of a body that was refused half-way.
    const path = `/${percentEncoded(scope)}/${percentEncoded(key)}`;
    const problem = await upload(server, path, value, lines);
    if (problem === undefined) uploaded++;
    else {
      refused++;
      console.error(`${path}: ${problem}`);
    }
  }
  console.error(`${uploaded} objects uploaded, ${refused} refused`);
  if (!whole) console.error("the stream of record lines was cut short");
  return whole && refused === 0;
}

/** Sends one object; returns what is wrong with it, if anything is. */
async function upload(
  server: URL,
  path: string,
  value: ObjectValue,
  lines: AsyncIterator<string>,
): Promise<string | undefined> {
  const { protocol, hostname, port, host } = server;
  const send = protocol === "https:" ? secureRequest : plainRequest;
  try {
    const headers = signed(path, headersOf(host, value), signerFrom(process.env));
    const request = send({ hostname, port, method: "PUT", path, headers });
    // A server that refuses an object need not read all of it: the answer counts.
    pipeline(Readable.from(bodyFrom(lines, value.size_bytes)), request).catch(() => {});
    const [response] = await once(request, "response") as [IncomingMessage];
    const text = Buffer.concat(await Array.fromAsync(response)).toString();
    if (response.statusCode === 200) return undefined;
    request.destroy();
    return `${response.statusCode} ${text}`;
  } catch (error) {
    return String(error);
  }
}

/** The bytes of a body, which stand in the lines behind the object's. */
async function* bodyFrom(lines: AsyncIterator<string>, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const { value: line, done } = await lines.next();
    const { type, value } = done ? {} : JSON.parse(line);
    if (type !== "body") throw new Error("there is no body: decode with --bodies");
    const bytes = Buffer.from(value.data, "base64");
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
  for (const name of HEADERS) {
    if (value[name] !== undefined) headers[name.replace("_", "-")] = oneCharacterAByte(value[name]);
  }
  for (const [name, text] of Object.entries(value.user_metadata ?? {})) {
    headers[`x-amz-meta-${name}`] = oneCharacterAByte(text);
  }
  return headers;
}

function oneCharacterAByte(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A name as part of a path. `.` and `..` between slashes would otherwise be taken for folders. */
function percentEncoded(name: string | { base64: string }): string {
  const bytes = typeof name === "string"
    ? Buffer.from(name, "utf8")
    : Buffer.from(name.base64, "base64url");
  return bytes.toString("latin1")
    .replace(/[^A-Za-z0-9._~/-]/g, percent)
    .replace(/(?<![^/])\.\.?(?![^/])/g, (dots) => dots.replaceAll(".", percent));
}

function percent(character: string): string {
  return "%" + character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

function signerFrom(env: { [name: string]: string | undefined }): Signer | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = env;
  return AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
    ? {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
      region: AWS_REGION || "us-east-1",
    }
    : undefined;
}

/** The headers of a PUT with a signature of version 4, as AWS defines it for S3. */
export function signed(
  path: string,
  headers: Headers,
  signer: Signer | undefined,
  now: Date = new Date(),
): Headers {
  if (!signer) return headers;
  const time = now.toISOString().replace(/[:-]|\.\d+/g, "");
  const all: Headers = { ...headers, "x-amz-date": time };
  if (signer.sessionToken) all["x-amz-security-token"] = signer.sessionToken;
  const names = Object.keys(all).sort();
  const values = names.map((name) => `${name}:${all[name].trim().replace(/ +/g, " ")}`);
  const request = ["PUT", path, "", ...values, "", names.join(";"), all["x-amz-content-sha256"]];
  const place = [time.slice(0, 8), signer.region, "s3", "aws4_request"];
  const digest = createHash("sha256").update(request.join("\n"), "latin1").digest("hex");
  const text = ["AWS4-HMAC-SHA256", time, place.join("/"), digest].join("\n");
  const key = place.reduce<string | Uint8Array>(hmac, `AWS4${signer.secretAccessKey}`);
  all.authorization = `AWS4-HMAC-SHA256 Credential=${signer.accessKeyId}/${place.join("/")},` +
    `SignedHeaders=${names.join(";")},Signature=${hmac(key, text).toString("hex")}`;
  return all;
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

if (import.meta.main) {
  process.exitCode = await uploadAll(new URL(process.argv[2]), process.stdin) ? 0 : 1;
}
