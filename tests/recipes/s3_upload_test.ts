/** The recipe uploads every object under its own key, with its body and its headers. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { signed } from "../../examples/s3_upload.ts";
import { Kitchen } from "./recipe.ts";
import { type PutObject, S3Server } from "./s3_server.ts";
import { captured, fixture, truthOf } from "./snapshots.ts";

/** Characters that stand for the bytes of UTF-8. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** The headers that belong to the object. */
function ownHeaders({ headers }: PutObject): { [name: string]: unknown } {
  const own = Object.entries(headers).filter(([name]) => /^(content|cache|x-amz-meta)-/.test(name));
  return Object.fromEntries(own);
}

Deno.test("s3-upload.md uploads keys that no dump can have as names", async () => {
  await using server = await S3Server.start();
  using kitchen = new Kitchen("s3-upload", {
    SNAPSHOT: captured("s3-hostile-keys/snapshot.fsm")!,
    S3_URL: server.url,
  });
  const { code, stderr } = await kitchen.run("upload");
  strictEqual(code, 0, stderr);
  const { hostile } = truthOf("s3-hostile-keys").s3_raw;
  for (const { key_b64, size, sha256, content_type, metadata_i } of hostile) {
    const path = `hostile/${atob(key_b64)}`;
    const object = server.objects.get(path)!;
    deepStrictEqual([object?.size, object?.sha256], [size, sha256], path);
    const headers = { "content-length": String(size), "content-type": content_type };
    deepStrictEqual(ownHeaders(object), { ...headers, "x-amz-meta-i": metadata_i }, path);
    server.objects.delete(path);
  }
  ok([...server.objects.keys()].every((path) => path.startsWith("public-bucket/")));
  match(stderr, /^\d+ objects uploaded, 0 refused$/m);
});

for (const name of ["s3-collisions", "s3-meta-suffix-many"]) {
  Deno.test(`s3-upload.md uploads the objects of ${name}, which a dump renames, under their keys`, async () => {
    await using server = await S3Server.start();
    using kitchen = new Kitchen("s3-upload", {
      SNAPSHOT: fixture(`parity/${name}/input.fsm`),
      S3_URL: server.url,
    });
    strictEqual((await kitchen.run("upload")).code, 0);
    const found = [...server.objects].map(([path, { sha256 }]) => `${path} ${sha256}`);
    const expected = renamedBack(fixture(`parity/${name}/expected/s3/`));
    deepStrictEqual(found.sort(), expected.sort());
  });
}

/** `bucket/key sha256` of each object in the tree that the reference made. */
function renamedBack(root: string): string[] {
  const objects: string[] = [];
  for (const { name: bucket } of Deno.readDirSync(root)) {
    const keys = new Map<string, string>();
    for (const line of Deno.readTextFileSync(`${root}${bucket}/KEYMAP.jsonl`).trim().split("\n")) {
      const { encoded, original } = JSON.parse(line);
      keys.set(encoded, Buffer.from(original, "base64url").toString());
    }
    const paths = filesBelow(`${root}${bucket}/`);
    for (const sidecar of paths.filter((path) => path.endsWith(".elastickv-meta.json"))) {
      const path = sidecar.slice(0, -".elastickv-meta.json".length);
      if (!paths.includes(path)) continue;
      const body = Deno.readFileSync(`${root}${bucket}/${path}`);
      const sum = createHash("sha256").update(body).digest("hex");
      objects.push(`${utf8(`${bucket}/${keys.get(path) ?? path}`)} ${sum}`);
    }
  }
  return objects;
}

function filesBelow(root: string, folder = ""): string[] {
  return [...Deno.readDirSync(root + folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(root, `${folder}${name}/`) : [folder + name]
  );
}

const basic = captured("s3-basic/snapshot.fsm");
Deno.test({
  name: "s3-upload.md uploads large bodies and all kinds of headers",
  ignore: basic === undefined,
  async fn() {
    await using server = await S3Server.start();
    using kitchen = new Kitchen("s3-upload", { SNAPSHOT: basic!, S3_URL: server.url });
    const { code, stderr } = await kitchen.run("upload");
    strictEqual(code, 0, stderr);
    const { buckets } = truthOf("s3-basic").s3;
    const seen = new Set<string>();
    for (const bucket of Object.keys(buckets)) {
      for (const [key, truth] of Object.entries<TrueObject>(buckets[bucket].objects)) {
        const path = utf8(`${bucket}/${key}`);
        const object = server.objects.get(path)!;
        deepStrictEqual([object?.size, object?.sha256], [truth.size, truth.sha256], path);
        const headers = headersOf(truth);
        deepStrictEqual(ownHeaders(object), headers, path);
        Object.keys(headers).forEach((name) => seen.add(name.replace(/meta-.*/, "meta")));
        server.objects.delete(path);
      }
    }
    deepStrictEqual([...server.objects.keys()], []);
    deepStrictEqual([...seen].sort(), [
      "cache-control",
      "content-disposition",
      "content-encoding",
      "content-length",
      "content-type",
      "x-amz-meta",
    ]);
  },
});

interface TrueObject {
  size: number;
  sha256: string;
  content_type: string | null;
  content_encoding: string | null;
  cache_control: string | null;
  content_disposition: string | null;
  metadata: { [name: string]: string };
}

function headersOf(truth: TrueObject): { [name: string]: string } {
  const headers: { [name: string]: string } = { "content-length": String(truth.size) };
  for (
    const name of [
      "content_type",
      "content_encoding",
      "cache_control",
      "content_disposition",
    ] as const
  ) {
    if (truth[name] !== null) headers[name.replace("_", "-")] = utf8(truth[name]);
  }
  for (const [name, value] of Object.entries(truth.metadata)) {
    headers[`x-amz-meta-${name}`] = utf8(value);
  }
  return headers;
}

Deno.test("s3-upload.md lists what the server refuses, and uploads the rest", async () => {
  const refused = "bk-one/knoll/o5";
  await using server = await S3Server.start((path) => path === refused);
  using kitchen = new Kitchen("s3-upload", {
    SNAPSHOT: captured("multi-group/group-2.fsm")!,
    S3_URL: server.url,
  });
  const { code, stderr } = await kitchen.run("upload");
  ok(code !== 0);
  match(stderr, /^\/bk-one\/knoll\/o5: 403 AccessDenied$/m);
  match(stderr, /^29 objects uploaded, 1 refused$/m);
  strictEqual(server.objects.size, 29);
});

Deno.test("s3-upload.md signs requests when there are keys", async () => {
  await using server = await S3Server.start();
  using kitchen = new Kitchen("s3-upload", {
    SNAPSHOT: captured("multi-group/group-2.fsm")!,
    S3_URL: server.url,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  });
  await kitchen.run("upload");
  strictEqual(server.objects.size, 30);
  for (const { headers, sha256 } of server.objects.values()) {
    strictEqual(headers["x-amz-content-sha256"], sha256);
    match(
      headers.authorization!,
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request,SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-i,Signature=[0-9a-f]{64}$/,
    );
  }
});

Deno.test("s3-upload.md notices that record lines were cut short", async () => {
  await using server = await S3Server.start();
  using kitchen = new Kitchen("s3-upload", { S3_URL: server.url });
  const decant = `${kitchen.folder}/bin/decant`;
  Deno.writeTextFileSync(
    decant,
    `#!/bin/sh\necho '{"adapter":"s3","scope":"b","type":"bucket"}'\n`,
  );
  const { code, stderr } = await kitchen.command("bash", ["-c", kitchen.block("upload")]);
  strictEqual(code, 1);
  match(stderr, /^the stream of record lines was cut short$/m);
});

Deno.test("a signature is the one in the example of a PUT that AWS documents", () => {
  const { authorization } = signed(
    "/test%24file.text",
    {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      host: "examplebucket.s3.amazonaws.com",
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      region: "us-east-1",
    },
    new Date("2013-05-24T00:00:00Z"),
  );
  match(authorization, /=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/);
});

Deno.test("s3-upload.md lists the buckets with their access", async () => {
  using kitchen = new Kitchen("s3-upload", { SNAPSHOT: captured("multi-group/group-2.fsm")! });
  const { stdout } = await kitchen.run("buckets");
  const buckets = stdout.trim().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(buckets.map(({ scope, value }) => [scope, value.acl]), [
    ["bk-one", "private"],
    ["bk-two", "private"],
  ]);
});
