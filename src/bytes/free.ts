/** Memory that is not left to the collector. @module */

/**
 * Gives the memory of an array back at once. Its whole buffer is gone: no view of it may be used any more.
 *
 * The collector comes by what its heap holds, and buffers lie outside of it: it may come when several of
 * tens of MiB are waiting for it. Where the platform cannot give memory back, it is left to the collector.
 */
export function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer?.(0);
}
