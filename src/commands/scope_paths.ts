/** The folders of scopes in a dump. @module */

import type { AdapterName } from "../keyspace/families.ts";
import { FileNames } from "../tree/file_names.ts";

/** The plain rule: paths by which something is selected do not depend on where a dump is written. */
export const PLAIN: FileNames = new FileNames(false);

/** The folder of a scope by the plain rule: `dynamodb/orders`, `redis/db_0`. */
export function scopeFolder(adapter: AdapterName, scope: Uint8Array): string {
  const component = PLAIN.component(scope);
  return `${adapter}/${adapter === "redis" ? "db_" : ""}${component}`;
}
