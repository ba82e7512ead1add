/** What tells that a page is left, where a program runs in one. */
interface Surroundings {
  addEventListener?(name: 'pagehide', listener: () => void): void
  removeEventListener?(name: 'pagehide', listener: () => void): void
}

/**
 * Calls `listener` when the page is left: it was closed, or another one takes its place.
 *
 * @returns what ends that.
 */
export function onLeavingPage(listener: () => void): () => void {
  const surroundings = globalThis as Surroundings
  surroundings.addEventListener?.('pagehide', listener)
  return () => surroundings.removeEventListener?.('pagehide', listener)
}
