/** Loads a module as a browser would: without the runtime's own crypto. @module */

/**
 * Imports a second copy of a module, during whose start and first use the runtime has no built-in modules.
 *
 * @param path Below the repository's root.
 */
export async function importWithoutNative<T>(path: string): Promise<T> {
  const url = new URL(`../../${path}?without-native`, import.meta.url);
  const { process } = globalThis as unknown as { process: { getBuiltinModule: unknown } };
  const saved = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    const module = await import(url.href);
    // Digests look for the runtime's own at the first use.
    module.sha256?.();
    return module;
  } finally {
    process.getBuiltinModule = saved;
  }
}
