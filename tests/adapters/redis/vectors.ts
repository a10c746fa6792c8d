/** Rows and the files that they must become, byte for byte. */

/** One case. */
export interface Vector {
  title: string;
  /** Key and value as hex, `null` for a deletion; for some the commit time. */
  rows: [key: string, value: string | null, ts?: bigint][];
  /** Path below `redis/db_0/` → contents: text, or hex for `.bin`. */
  files: Record<string, string>;
  /** Event and values. */
  warnings?: unknown[][];
}

/** All cases. */
export const VECTORS: Vector[] = [
  {
    title: "a string without expiry",
    rows: [
      ["2172656469737c7374727c6772656574696e67", "ff010068656c6c6f"],
    ],
    files: {
      "strings/greeting.bin": "68656c6c6f",
    },
  },
  {
    title: "a string whose index row repeats its own expiry",
    rows: [
      ["2172656469737c7374727c73657373696f6e3a616263", "ff0101000001a0889d38006578706972696e67"],
      ["2172656469737c74746c7c73657373696f6e3a616263", "000001a0889d3800"],
    ],
    files: {
      "strings/session%3Aabc.bin": "6578706972696e67",
      "strings_ttl.jsonl": String.raw`{"key":"session%3Aabc","expire_at_ms":1788998400000}
`,
    },
  },
  {
    title: "a legacy string that expires by the index",
    rows: [
      ["2172656469737c7374727c6f6c64206b6579", "00726177ff"],
      ["2172656469737c74746c7c6f6c64206b6579", "000001a0889d3800"],
    ],
    files: {
      "strings/old%20key.bin": "00726177ff",
      "strings_ttl.jsonl": String.raw`{"key":"old%20key","expire_at_ms":1788998400000}
`,
    },
  },
  {
    title: "a HyperLogLog with an expiry of its own",
    rows: [
      ["2172656469737c686c6c7c756e6971", "ff0201000001a0889d3800005253010a01610a026263"],
      ["2172656469737c74746c7c756e6971", "000001a0889d3800"],
    ],
    files: {
      "hll/uniq.bin": "005253010a01610a026263",
      "hll_ttl.jsonl": String.raw`{"key":"uniq","expire_at_ms":1788998400000}
`,
    },
  },
  {
    title: "a hash with an empty and a binary name, HTML, U+2028, a base length and a delta",
    rows: [
      ["2168737c666c647c00000006757365723a31", "c3a9e280a8"],
      ["2168737c666c647c00000006757365723a3168746d6c", "3c6126623e0a"],
      ["2168737c666c647c00000006757365723a31ff", "8001"],
      ["2168737c6d6574617c00000006757365723a31", "00000000000000020000000000000000"],
      ["2168737c6d6574617c647c00000006757365723a31019000000000000000000000", "0000000000000001"],
    ],
    files: {
      "hashes/user%3A1.json": String.raw`{
  "format_version": 1,
  "fields": [
    {
      "name": "",
      "value": "é\u2028"
    },
    {
      "name": "html",
      "value": "\u003ca\u0026b\u003e\n"
    },
    {
      "name": {
        "base64": "_w"
      },
      "value": {
        "base64": "gAE"
      }
    }
  ],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "a list of deltas only, with negative places, claims and fences",
    rows: [
      ["216c73747c636c61696d7c00000001717ffffffffffffffd", ""],
      ["216c73747c69746d7c717ffffffffffffffe", "62"],
      ["216c73747c69746d7c717fffffffffffffff", "63"],
      ["216c73747c69746d7c718000000000000000", "00"],
      ["216c73747c69746d7c718000000000000001", ""],
      [
        "216c73747c6d6574617c647c0000000171019000000000000100000000",
        "00000000000000000000000000000002",
      ],
      [
        "216c73747c6d6574617c647c0000000171019000000000000200000000",
        "fffffffffffffffe0000000000000002",
      ],
      ["2172656469737c74786e2d776964652d6c6973747c71", ""],
    ],
    files: {
      "lists/q.json": String.raw`{
  "format_version": 1,
  "items": [
    "b",
    "c",
    "\u0000",
    ""
  ],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "a set with a legacy meta, an index row and a binary member",
    rows: [
      ["2172656469737c74746c7c636f6c6f7273", "000001a0889d3800"],
      ["2173747c6d656d7c00000006636f6c6f7273677265656e", ""],
      ["2173747c6d656d7c00000006636f6c6f7273726564", ""],
      ["2173747c6d656d7c00000006636f6c6f7273c328", ""],
      ["2173747c6d6574617c00000006636f6c6f7273", "0000000000000003"],
    ],
    files: {
      "sets/colors.json": String.raw`{
  "format_version": 1,
  "members": [
    "green",
    "red",
    {
      "base64": "wyg"
    }
  ],
  "expire_at_ms": 1788998400000
}`,
    },
  },
  {
    title: "a sorted set with an inline expiry and all forms of scores",
    rows: [
      ["217a737c6d656d7c000000017a61", "4059000000000000"],
      ["217a737c6d656d7c000000017a62", "bfe0000000000000"],
      ["217a737c6d656d7c000000017a63", "444b1ae4d6e2ef50"],
      ["217a737c6d656d7c000000017a64", "3e7ad7f29abcaf48"],
      ["217a737c6d656d7c000000017a65", "7ff0000000000000"],
      ["217a737c6d656d7c000000017a66", "fff0000000000000"],
      ["217a737c6d656d7c000000017a67", "8000000000000000"],
      ["217a737c6d656d7c000000017a68", "3fb999999999999a"],
      ["217a737c6d6574617c000000017a", "0000000000000008000001a0889d3800"],
      ["217a737c7363727c000000017a401fffffffffffff62", ""],
      ["217a737c7363727c000000017a800000000000000067", ""],
    ],
    files: {
      "zsets/z.json": String.raw`{
  "format_version": 1,
  "members": [
    {
      "member": "a",
      "score": 100
    },
    {
      "member": "b",
      "score": -0.5
    },
    {
      "member": "c",
      "score": 1e+21
    },
    {
      "member": "d",
      "score": 1e-7
    },
    {
      "member": "e",
      "score": "+inf"
    },
    {
      "member": "f",
      "score": "-inf"
    },
    {
      "member": "g",
      "score": -0
    },
    {
      "member": "h",
      "score": 0.1
    }
  ],
  "expire_at_ms": 1788998400000
}`,
    },
  },
  {
    title: "a sorted set in one legacy row, which leaves out a zero score",
    rows: [
      [
        "2172656469737c7a7365747c6f6c64",
        "00525a010a100a05616c69636511000000000000f83f0a050a03626f62",
      ],
    ],
    files: {
      "zsets/old.json": String.raw`{
  "format_version": 1,
  "members": [
    {
      "member": "alice",
      "score": 1.5
    },
    {
      "member": "bob",
      "score": 0
    }
  ],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "a stream with repeated field names and a sequence of 64 bits",
    rows: [
      [
        "2173747265616d7c656e7472797c00000001730000018f2a33f8000000000000000000",
        "00525845010a0f313731343430303030303030302d3012056576656e7412056c6f67696e12056576656e741205616761696e",
      ],
      [
        "2173747265616d7c656e7472797c00000001730000018f2a33f801ffffffffffffffff",
        "00525845010a22313731343430303030303030312d313834343637343430373337303935353136313512016b1200",
      ],
      [
        "2173747265616d7c6d6574617c0000000173",
        "00000000000000020000018f2a33f801ffffffffffffffff000001a0889d38000000018f2a33f7ff0000000000000007",
      ],
    ],
    files: {
      "streams/s.jsonl": String
        .raw`{"id":"1714400000000-0","fields":[{"name":"event","value":"login"},{"name":"event","value":"again"}]}
{"id":"1714400000001-18446744073709551615","fields":[{"name":"k","value":""}]}
{"_meta":true,"length":2,"last_ms":1714400000001,"last_seq":18446744073709551615,"expire_at_ms":1788998400000}
`,
    },
  },
  {
    title: "a key whose name looks like a binary one is hashed and in the KEYMAP once",
    rows: [
      ["2172656469737c7374727c6236342e78", "ff0101000001a0889d380076"],
    ],
    files: {
      "strings/261e3e281e06e9789437999358e26046__b64.x.bin": "76",
      "strings_ttl.jsonl": String
        .raw`{"key":"261e3e281e06e9789437999358e26046__b64.x","expire_at_ms":1788998400000}
`,
      "KEYMAP.jsonl": String
        .raw`{"encoded":"261e3e281e06e9789437999358e26046__b64.x","original":"YjY0Lng","kind":"sha-fallback"}
`,
    },
  },
  {
    title: "an empty hash that has a meta",
    rows: [
      ["2168737c6d6574617c0000000165", "0000000000000000"],
    ],
    files: {
      "hashes/e.json": String.raw`{
  "format_version": 1,
  "fields": [],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "strings of which one begins like another",
    rows: [
      ["2172656469737c7374727c6162", "ff0101000000000000000279", 0x018f2a33f8000000n],
      ["2172656469737c7374727c61", "ff0101000000000000000178", 0x018f2a33f8000000n],
      ["2172656469737c7374727c63", "7a", 0x018f2a33f8000000n],
      ["2172656469737c74746c7c63", "0000000000000003", 0x018f2a33f8000000n],
    ],
    files: {
      "strings/a.bin": "78",
      "strings/ab.bin": "79",
      "strings/c.bin": "7a",
      "strings_ttl.jsonl": String.raw`{"key":"a","expire_at_ms":1}
{"key":"ab","expire_at_ms":2}
{"key":"c","expire_at_ms":3}
`,
    },
  },
  {
    title: "an inline 0 overrides the index",
    rows: [
      ["2172656469737c74746c7c70", "000001a0889d3800"],
      ["2173747c6d656d7c00000001706d", ""],
      ["2173747c6d6574617c0000000170", "00000000000000010000000000000000"],
    ],
    files: {
      "sets/p.json": String.raw`{
  "format_version": 1,
  "members": [
    "m"
  ],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "stream entries without a meta are not written",
    rows: [
      [
        "2173747265616d7c656e7472797c000000016f00000000000000010000000000000000",
        "00525845010a03312d30120166120176",
      ],
    ],
    files: {},
    warnings: [["redis_stream_orphan_entries_without_meta", 1, 1]],
  },
  {
    title: "a hash and a string under one key: the index belongs to the string",
    rows: [
      ["2168737c666c647c000000016b66", "76"],
      ["2168737c6d6574617c000000016b", "0000000000000001"],
      ["2172656469737c7374727c6b", "73"],
      ["2172656469737c74746c7c6b", "000001a0889d3800"],
    ],
    files: {
      "hashes/k.json": String.raw`{
  "format_version": 1,
  "fields": [
    {
      "name": "f",
      "value": "v"
    }
  ],
  "expire_at_ms": null
}`,
      "strings/k.bin": "73",
      "strings_ttl.jsonl": String.raw`{"key":"k","expire_at_ms":1788998400000}
`,
    },
    warnings: [["redis_type_conflict", 1, "string", "hash"]],
  },
  {
    title: "a hash in one legacy row",
    rows: [
      ["2172656469737c686173687c68", "005248010a060a01661201760a050a01671200"],
      ["2172656469737c74746c7c68", "000001a0889d3800"],
    ],
    files: {
      "hashes/h.json": String.raw`{
  "format_version": 1,
  "fields": [
    {
      "name": "f",
      "value": "v"
    },
    {
      "name": "g",
      "value": ""
    }
  ],
  "expire_at_ms": 1788998400000
}`,
    },
  },
  {
    title: "a set in one legacy row",
    rows: [
      ["2172656469737c7365747c68", "005253010a026d310a026d30"],
    ],
    files: {
      "sets/h.json": String.raw`{
  "format_version": 1,
  "members": [
    "m0",
    "m1"
  ],
  "expire_at_ms": null
}`,
    },
  },
  {
    title: "a list whose name begins with d| has its meta where deltas lie",
    rows: [
      ["216c73747c69746d7c647c718000000000000000", "78"],
      [
        "216c73747c6d6574617c647c71",
        "000000000000000000000000000000010000000000000001000001a0889d3800",
      ],
    ],
    files: {
      "lists/d%7Cq.json": String.raw`{
  "format_version": 1,
  "items": [
    "x"
  ],
  "expire_at_ms": 1788998400000
}`,
    },
  },
  {
    title: "of several versions the newest counts",
    rows: [
      ["2172656469737c7374727c6d", "ff01006e6577", 20n],
      ["2172656469737c7374727c6d", "ff01006f6c64", 10n],
    ],
    files: {
      "strings/m.bin": "6e6577",
    },
  },
  {
    title: "a deleted stream entry stays deleted",
    rows: [
      ["2173747265616d7c656e7472797c000000017300000000000000010000000000000000", null, 30n],
      [
        "2173747265616d7c656e7472797c000000017300000000000000010000000000000000",
        "00525845010a03312d30120161120162",
        10n,
      ],
      [
        "2173747265616d7c6d6574617c0000000173",
        "000000000000000000000000000000010000000000000000000000000000000000000000000000010000000000000000",
      ],
    ],
    files: {
      "streams/s.jsonl": String
        .raw`{"_meta":true,"length":0,"last_ms":1,"last_seq":0,"expire_at_ms":null}
`,
    },
  },
  {
    title: "a score that is not a number",
    rows: [
      ["217a737c6d656d7c000000016b6d", "7ff8000000000001"],
    ],
    files: {
      "zsets/k.json": String.raw`{
  "format_version": 1,
  "members": [
    {
      "member": "m",
      "score": "nan"
    }
  ],
  "expire_at_ms": null
}`,
    },
    warnings: [["redis_zset_nan_score", 1, 1]],
  },
];
