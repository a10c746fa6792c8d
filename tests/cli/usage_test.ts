import { match, strictEqual } from "node:assert/strict";
import { cli, fixture, withFolder } from "./run.ts";

/** Wrong command lines, and what the message must say. No permission is needed to find out. */
const WRONG: [string[], RegExp][] = [
  [["inpsect", "a.fsm"], /there is no command `inpsect`, did you mean `inspect`\?/],
  [
    ["decode", "a.fsm", "-o", "b", "--potable-names"],
    /there is no option --potable-names, did you mean --portable-names\?/,
  ],
  [["inspect", "a.fsm", "--zzzzzzzzzz"], /there is no option --zzzzzzzzzz\n/],
  [["decode", "a.fsm", "--outptu", "b"], /there is no option --outptu, did you mean --output\?/],
  [["decode", "a.fsm", "-outptu=b"], /there is no option --outptu/],
  [["decode", "a.fsm", "-z", "b"], /there is no option -z/],
  [["decode", "a.fsm", "-o"], /--output needs a value/],
  [["decode", "a.fsm", "-o", "b", "--output", "c"], /--output is given twice/],
  [["decode", "a.fsm"], /no output was named/],
  [["decode", "-o", "b"], /no snapshot was given/],
  [["decode", "-", "-", "-o", "b"], /standard input can be given only once/],
  [["decode", "a.fsm", "-o", "-"], /a tree cannot be written to standard output/],
  [["decode", "a.fsm", "-o", "b", "--format", "zip"], /expected tree, tar, records, resp/],
  [["decode", "a.fsm", "-o", "b", "--adapter", "Redis"], /no adapter "Redis"/],
  [["decode", "a.fsm", "-o", "b", "--adapter", "all,redis"], /no adapter "all"/],
  [["decode", "a.fsm", "-o", "b", "--adapter", ","], /no adapter is named/],
  [["decode", "a.fsm", "-o", "b", "--adapter", "redis,foo"], /no adapter "foo"/],
  [["decode", "a.fsm", "-o", "b", "--include-orphans=maybe"], /expected true or false/],
  [["decode", "a.fsm", "-o", "b", "--dynamodb-bundle-mode", "zip"], /expected per-item or jsonl/],
  [
    ["decode", "a.fsm", "-o", "b", "--dynamodb-bundle-size", "64MiB"],
    /without --dynamodb-bundle-mode/,
  ],
  [["decode", "a.fsm", "-o", "b", "--scratch-root", "/tmp/x"], /there is no option --scratch-root/],
  [["decode", "a.fsm", "-o", "b", "--scope", "orders"], /expected adapter=name/],
  [["decode", "a.fsm", "-o", "b", "--scope", "s3=x", "--adapter", "redis"], /is not in --adapter/],
  [["decode", "a.fsm", "-o", ""], /--output "": expected a path, and this one is empty/],
  [["decode", "", "-o", "b"], /usage: SNAP "": expected a path/],
  [["verify", "a", "--against="], /--against "": expected a path/],
  [["decode", "a.fsm", "-o", "b", "--scope", "s3=b64:?"], /is s3=b64:YjY0Oj8$/m],
  [["decode", "a.fsm", "-o", "b", "--accept", "all"], /no kind of loss "all"/],
  [["decode", "a.fsm", "-o", "b", "--at", "yesterday"], /expected a commit timestamp/],
  [["decode", "a.fsm", "-o", "b", "--wall-time", "now"], /expected RFC 3339/],
  [["decode", "a.fsm", "-o", "b", "--bodies"], /--bodies does nothing with --format tree/],
  [["decode", "a.fsm", "-o", "b", "--format", "records", "--raw"], /--raw does nothing/],
  [["decode", "a.fsm", "-o", "b", "--format", "resp", "--adapter", "s3"], /leaves it out/],
  [["decode", "a.fsm", "-o", "b", "--kek", "k"], /must be given together/],
  [["decode", "a.fsm", "-o", "b", "--format", "records", "--restorable"], /--restorable does no/],
  ...[
    ["--dynamodb-bundle-mode", "jsonl"],
    ["--include-incomplete-uploads"],
    ["--include-orphans"],
    ["--preserve-sqs-visibility"],
    ["--include-sqs-side-records"],
  ].map((option): [string[], RegExp] => [
    ["decode", "a.fsm", "-o", "b", "--restorable", ...option],
    new RegExp(`takes no tree that was made with ${option.join(" ")}`),
  ]),
  [
    ["decode", "a.fsm", "-o", "b", "--include-orphans", "true", "--raw"],
    /"true" after --include-orphans/,
  ],
  [["inspect", "a.fsm", "--output", "b"], /there is no option --output/],
  [["verify"], /nothing was named/],
];

for (const [args, message] of WRONG) {
  Deno.test(`wrong usage ends with exit code 2: ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await cli(args);
    match(stderr, message);
    match(stderr, /^decant: usage: /);
    strictEqual(code, 2);
    strictEqual(stdout, "");
  });
}

Deno.test("a stray argument is an input that does not exist, and is named", async () => {
  await withFolder(async (folder) => {
    const input = fixture("defects/cli-positional/input.fsm");
    const out = `${folder}/out`;
    const stray = `${folder}/maybe`;
    const args = ["decode", input, "-o", out, "--include-orphans", stray, "--rename-collisions"];
    const { code, stderr } = await cli(args, { read: [input, folder], write: [out] });
    strictEqual(stderr, `decant: usage: no such file or folder (file ${stray})\n`);
    strictEqual(code, 2);
  });
});

Deno.test("options of the reference tool may be written with one dash and an equals sign", async () => {
  await withFolder(async (folder) => {
    const input = fixture("real/ddb-history/snapshot.fsm");
    const out = `${folder}/out`;
    const args = [
      "decode",
      `-input=${input}`,
      `-output=${out}`,
      "-adapter=",
      "-dynamodb-bundle-mode=jsonl",
      "-include-orphans",
      "-rename-collisions=false",
      "-cluster-id",
      "c1",
    ];
    const { code, stderr } = await cli(args, { read: [input, out], write: [out] });
    strictEqual(stderr, "");
    strictEqual(code, 0);
    const manifest = JSON.parse(Deno.readTextFileSync(`${out}/MANIFEST.json`));
    strictEqual(manifest.cluster_id, "c1");
    strictEqual(manifest.dynamodb_layout, "jsonl");
    strictEqual(manifest.exclusions.include_orphans, true);
    strictEqual(manifest.exclusions.rename_s3_collisions ?? false, false);
  });
});
