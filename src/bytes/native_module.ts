/** Modules that some runtimes bring with them. @module */

/** A module of the runtime, such as `node:crypto`, without an import that a browser could not resolve. */
export function nativeModule(name: string): unknown {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name);
}
