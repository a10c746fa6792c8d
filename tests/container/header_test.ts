import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { UnsoundError, UnsupportedError } from "../../src/errors.ts";
import { MAX_HEADER_LENGTH, parseHeader } from "../../src/container/header.ts";
import { hex } from "../support/stream.ts";
import { SECOND_HEADER } from "./vectors.ts";

const MAGIC_2 = "454b5654484c4332";

function secondHeader(length: number): Uint8Array {
  const bytes = new Uint8Array(10 + length).fill(0xee);
  bytes.set(hex(MAGIC_2));
  bytes.set([length >> 8, length & 0xff], 8);
  bytes.set(hex("0000019e70449b88 000000000000004d").subarray(0, length), 10);
  return bytes;
}

Deno.test("the first header is a ceiling in milliseconds", () => {
  deepStrictEqual(parseHeader(hex("454b5654484c4331 0000019e70449b88 ff"), "f"), {
    version: 1,
    ceilingMs: 1780000005000n,
    cutoverIndex: 0n,
    length: 16,
  });
});

Deno.test("the second header says its own length, from 16 to 1024", () => {
  for (let length = 16; length <= 1024; length++) {
    deepStrictEqual(parseHeader(secondHeader(length), "f"), {
      version: 2,
      ceilingMs: 1780000005000n,
      cutoverIndex: 77n,
      length: 10 + length,
    });
  }
  deepStrictEqual(parseHeader(SECOND_HEADER, "f").length, 26);
  deepStrictEqual(MAX_HEADER_LENGTH, 1034);
});

Deno.test("a second header of any other length is refused", () => {
  for (const length of [0, 1, 15, 1025, 0x7fff, 0xffff]) {
    throws(() => parseHeader(secondHeader(length), "f.fsm"), (error) => {
      ok(error instanceof UnsupportedError && error.code === "unsupported-header");
      ok(error.file === "f.fsm" && error.offset === 8 && error.hint);
      return true;
    });
  }
});

Deno.test("a header of any other version is refused, and one that is spelled otherwise is none", () => {
  for (let last = 0; last < 256; last++) {
    if (last === 0x31 || last === 0x32) continue;
    const bytes = new Uint8Array([...hex("454b5654484c43"), last, ...new Uint8Array(30)]);
    throws(() => parseHeader(bytes, "f"), (error) => {
      return error instanceof UnsupportedError && error.code === "unsupported-header" &&
        error.offset === 7;
    });
  }
  for (let i = 0; i < 7; i++) {
    const bytes = hex(MAGIC_2 + "00".repeat(30));
    bytes[i] ^= 0x20;
    deepStrictEqual(parseHeader(bytes, "f").version, 0);
  }
});

Deno.test("a header that is cut off is truncated, and fewer than eight bytes are no header", () => {
  for (const whole of [hex("454b5654484c4331 0000019e70449b88"), SECOND_HEADER.subarray(0, 26)]) {
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      if (length < 8) {
        deepStrictEqual(parseHeader(cut, "f"), {
          version: 0,
          ceilingMs: 0n,
          cutoverIndex: 0n,
          length: 0,
        });
      } else {
        throws(
          () => parseHeader(cut, "f"),
          (error) => error instanceof UnsoundError && error.code === "truncated",
        );
      }
    }
  }
});
