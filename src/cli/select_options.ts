/** What the options about selecting mean to commands. @module */

import type { SelectOptions } from "../commands/select_options.ts";
import { UsageError } from "../errors.ts";
import type { AdapterName } from "../keyspace/families.ts";
import { fileError } from "../sources/deno_error.ts";
import { decodeUtf8 } from "../text/utf8.ts";
import { pathsOfList } from "../tree/path_list.ts";
import { type SelectFlags, selectFlags } from "./select_flags.ts";

/**
 * What the options select.
 *
 * @throws {UsageError} when they contradict each other, or the list is none.
 */
export function selectOptions(flags: SelectFlags): SelectOptions {
  checkSelection(flags);
  const { adapter, scope, only, exclude, fromList, keyPrefix, keyRegex, allowEmpty } = flags;
  const scopes: { [adapter in AdapterName]?: string[] } = {};
  for (const { adapter, name } of scope ?? []) (scopes[adapter] ??= []).push(name);
  return {
    adapters: adapter,
    scopes: scope && scopes,
    only,
    exclude,
    paths: fromList === undefined ? undefined : readList(fromList),
    keyPrefix,
    keyRegex,
    allowEmpty,
  };
}

/**
 * Refuses options that contradict each other.
 *
 * @throws {UsageError} that names them.
 */
export function checkSelection({ adapter, scope }: SelectFlags): void {
  const other = scope?.find((one) => adapter?.includes(one.adapter) === false);
  if (!other) return;
  throw new UsageError(
    `--scope ${other.adapter}=${other.name} is not in --adapter ${adapter!.join()}`,
  );
}

/** Whether any option selects something. */
export function selectsSomething({ allowEmpty: _, ...flags }: SelectFlags): boolean {
  return Object.keys(selectFlags).some((name) => flags[name as keyof typeof flags] !== undefined);
}

/**
 * The paths in a file, as `ls --paths` prints them.
 *
 * @throws {UsageError} when there is no such file, or it is no text.
 */
function readList(file: string): string[] {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(file);
  } catch (error) {
    throw fileError(error, file, "read");
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new UsageError("the list is not UTF-8", { file });
  return pathsOfList(text);
}
