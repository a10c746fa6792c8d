/** What of a snapshot was asked for: adapters, and of each of them all scopes or some. @module */

import type { AdapterModule } from "../adapters/adapter.ts";
import { dynamodb } from "../adapters/dynamodb/mod.ts";
import { redis } from "../adapters/redis/mod.ts";
import { DATABASE } from "../adapters/redis/scopes.ts";
import { s3 } from "../adapters/s3/mod.ts";
import { sqs } from "../adapters/sqs/mod.ts";
import type { RecordSelection, ScopeNames } from "../adapters/wanted_rows.ts";
import { UsageError } from "../errors.ts";
import type { AdapterName, Family } from "../keyspace/families.ts";
import { isCutLabel, scopeKey, scopeLabel } from "../keyspace/scope_labels.ts";
import { nameBytes, nameText } from "../text/name_text.ts";
import type { DecodeOptions } from "./decode_options.ts";

/** The adapters, in the order of a dump. */
export const ADAPTERS: readonly AdapterModule[] = [dynamodb, s3, redis, sqs];

/** What was asked for. */
export class Selection {
  /** The adapters that were asked for. */
  readonly adapters: readonly AdapterModule[];
  /** Labels of scopes as {@link nameText} writes them; of an adapter that is absent, all. */
  readonly scopes: { readonly [adapter in AdapterName]?: readonly string[] };
  /** The same as raw names. */
  readonly names: ScopeNames;
  /** Whether anything was left out on purpose. */
  readonly selective: boolean;
  readonly #keys: { readonly [adapter in AdapterName]?: ReadonlySet<string> };

  /** @throws {UsageError} when nothing is selected, or a name cannot be one. */
  constructor({ adapters, scopes }: DecodeOptions) {
    const wanted = adapters ?? (scopes && Object.keys(scopes));
    this.adapters = ADAPTERS.filter(({ name }) => wanted?.includes(name) ?? true);
    if (this.adapters.length === 0) throw new UsageError("no adapter is selected");
    const names = Object.entries(scopes ?? {})
      .map(([adapter, texts]) => [adapter, texts.map(nameOf)] as const);
    this.names = Object.fromEntries(names);
    this.#keys = Object.fromEntries(
      names.map(([adapter, list]) => [adapter, new Set(list.map(scopeKey))]),
    );
    this.scopes = Object.fromEntries(
      names.map(([adapter, list]) => [adapter, list.map((name) => nameText(scopeLabel(name)))]),
    );
    this.selective = scopes !== undefined || this.adapters.length < ADAPTERS.length;
  }

  /** What was asked for of an adapter's records. */
  of(adapter: AdapterName): RecordSelection {
    return { scopes: this.names[adapter] };
  }

  /** Whether a scope of an adapter was asked for. */
  selects(adapter: AdapterName, scope: Uint8Array): boolean {
    return this.#keys[adapter]?.has(scopeKey(scope)) ?? true;
  }

  /**
   * Whether rows that no adapter reads were asked for. Those of the store belong to a selection of
   * everything; those without a family also to one of Redis, as clients may read them there.
   */
  selectsOther({ adapter, id }: Pick<Family, "adapter" | "id">): boolean {
    if (adapter !== "system") return this.adapters.some(({ name }) => name === adapter);
    return !this.selective ||
      (id === "bare" && this.adapters.includes(redis) && this.selects("redis", DATABASE));
  }
}

function nameOf(text: string): Uint8Array {
  const name = nameBytes(text);
  if (!isCutLabel(name)) return name;
  throw new UsageError("what stands for a long name cannot be selected", {
    hint: "give the whole name: it has more than 1,024 bytes",
  });
}
