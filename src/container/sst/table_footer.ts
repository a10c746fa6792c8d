/**
 * The last 53 bytes of a table.
 *
 * ```text
 * checksum type u8 (1 = CRC32C) ‖ metaindex handle ‖ index handle ‖ zeros up to byte 41
 *   ‖ version u32LE (4) ‖ magic f09faab3f09faab3
 * handle := offset uvarint ‖ length uvarint
 * ```
 *
 * A later version may put blocks together in another way, so it is refused and not guessed at.
 *
 * @module
 */

import { fromHex, toHex } from "../../bytes/hex.ts";
import { equalBytes } from "../../bytes/compare.ts";
import { u32le } from "../../bytes/integers.ts";
import { UnsupportedError } from "../../errors.ts";
import { readAt } from "../../sources/source.ts";
import type { Handle } from "./block.ts";
import { badTable, type TableFile } from "./table_file.ts";
import { Varints } from "./varints.ts";

/** Bytes of a footer. */
const TABLE_FOOTER_LENGTH = 53;

const HANDLES_END = 41;
const MAGIC = fromHex("f09faab3f09faab3")!;
const VERSION = 4;
const CRC32C = 1;

/** The two blocks from which everything else is found. */
export interface TableFooter {
  /** Leads to the properties. */
  metaindex: Handle;
  /** Leads to the data blocks. */
  index: Handle;
}

/**
 * Reads and checks the footer.
 *
 * @throws {UnsoundError} `bad-table`.
 * @throws {UnsupportedError} `unsupported-format` for another version or checksum.
 */
export async function readTableFooter(table: TableFile): Promise<TableFooter> {
  const { source, start, size } = table;
  const at = start + size - TABLE_FOOTER_LENGTH;
  if (size < TABLE_FOOTER_LENGTH) {
    throw badTable(source.name, start, `${size} bytes are too short for a table`);
  }
  const footer = await readAt(source, at, TABLE_FOOTER_LENGTH);
  const magic = footer.subarray(HANDLES_END + 4);
  if (!equalBytes(magic, MAGIC)) {
    throw badTable(source.name, at + HANDLES_END + 4, `a table cannot end with ${toHex(magic)}`);
  }
  const version = u32le(footer, HANDLES_END);
  if (version !== VERSION) unsupported(`table version ${version}`, HANDLES_END);
  if (footer[0] !== CRC32C) unsupported(`table checksum type ${footer[0]}`, 0);

  const varints = new Varints(footer, 1, HANDLES_END);
  const metaindex = { offset: varints.next(), length: varints.next() };
  const index = { offset: varints.next(), length: varints.next() };
  const cut = Math.min(metaindex.offset, metaindex.length, index.offset, index.length) < 0;
  if (cut || footer.subarray(varints.at, HANDLES_END).some((byte) => byte !== 0)) {
    throw badTable(source.name, at, "the block handles of the footer are malformed");
  }
  return { metaindex, index };

  function unsupported(what: string, offset: number): never {
    throw new UnsupportedError("unsupported-format", `${what} is not read`, {
      file: source.name,
      offset: at + offset,
      hint: "have the node write a snapshot without its SST-ingest option",
    });
  }
}
