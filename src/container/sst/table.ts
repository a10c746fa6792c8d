/**
 * A table: from its footer to its data blocks.
 *
 * ```text
 * table := data block* ‖ index blocks ‖ top index block? ‖ properties block ‖ metaindex block ‖ footer
 * ```
 *
 * A value of an index block is a handle (what may stand behind it is of use to filters only). If
 * the property `rocksdb.block.based.table.index.type` is 2, the footer's index block points to
 * further index blocks, otherwise to data blocks.
 *
 * @module
 */

import { encodeUtf8 } from "../../text/utf8.ts";
import { u32le } from "../../bytes/integers.ts";
import { UnsupportedError } from "../../errors.ts";
import { type Block, BLOCK_TRAILER_LENGTH, BlockCursor, type Handle, readBlock } from "./block.ts";
import { badTable, type TableFile } from "./table_file.ts";
import { readTableFooter } from "./table_footer.ts";
import { Varints } from "./varints.ts";

const PROPERTIES = encodeUtf8("rocksdb.properties");
const INDEX_TYPE = encodeUtf8("rocksdb.block.based.table.index.type");
const ONE_LEVEL = 0;
const TWO_LEVELS = 2;

/**
 * The data blocks of a table in order. They must lie one behind the other from the first byte of the
 * table on, as a node writes them: so no block can be left out or read twice.
 *
 * @throws {UnsoundError} `bad-table`, `checksum-mismatch`, `too-large` or `truncated`.
 * @throws {UnsupportedError} `unsupported-format`.
 */
export async function* dataBlocks(table: TableFile): AsyncGenerator<Block> {
  const footer = await readTableFooter(table);
  const metaindex = await readBlock(table, footer.metaindex);
  const properties = find(metaindex, PROPERTIES);
  if (!properties) throw badTable(metaindex.file, metaindex.offset, "a table has no properties");
  const indexType = indexTypeOf(await readBlock(table, handleOf(properties, metaindex)));

  let end = 0;
  for await (const handle of handles(table, footer.index, indexType === TWO_LEVELS)) {
    if (handle.offset !== end) {
      throw badTable(
        table.source.name,
        table.start + end,
        `a data block should begin here and begins at ${table.start + handle.offset}`,
      );
    }
    yield await readBlock(table, handle);
    end += handle.length + BLOCK_TRAILER_LENGTH;
  }
}

async function* handles(
  table: TableFile,
  index: Handle,
  twoLevels: boolean,
): AsyncGenerator<Handle> {
  const block = await readBlock(table, index);
  const cursor = new BlockCursor(block);
  while (cursor.next()) {
    const handle = handleOf(valueOf(cursor, block), block);
    if (twoLevels) yield* handles(table, handle, false);
    else yield handle;
  }
}

function handleOf(value: Uint8Array, block: Block): Handle {
  const varints = new Varints(value);
  const handle = { offset: varints.next(), length: varints.next() };
  if (handle.offset < 0 || handle.length < 0) {
    throw badTable(block.file, block.offset, "a block handle is malformed");
  }
  return handle;
}

function valueOf(cursor: BlockCursor, block: Block): Uint8Array {
  return block.contents.subarray(cursor.suffixEnd, cursor.valueEnd);
}

/** The value of the entry with this key, found without putting any key together. */
function find(block: Block, name: Uint8Array): Uint8Array | undefined {
  const { contents } = block;
  const cursor = new BlockCursor(block);
  let matched = 0; // leading bytes of the current key that are those of the name
  while (cursor.next()) {
    if (cursor.shared <= matched) {
      matched = cursor.shared;
      for (let i = cursor.suffixStart; i < cursor.suffixEnd; i++) {
        if (contents[i] !== name[matched]) break;
        matched++;
      }
    }
    if (matched === name.length && matched === cursor.keyLength) return valueOf(cursor, block);
  }
  return undefined;
}

/** A table without the property has one level. */
function indexTypeOf(properties: Block): number {
  const value = find(properties, INDEX_TYPE);
  if (!value) return ONE_LEVEL;
  const type = value.length === 4 ? u32le(value, 0) : -1;
  if (type !== ONE_LEVEL && type !== TWO_LEVELS) {
    throw new UnsupportedError("unsupported-format", `index type ${type} is not read`, {
      file: properties.file,
      offset: properties.offset,
      hint: "have the node write a snapshot without its SST-ingest option",
    });
  }
  return type;
}
