/** What tells of the network and of the page, where a program runs in a browser. */
interface Surroundings {
  addEventListener?(name: string, listener: () => void): void
  removeEventListener?(name: string, listener: () => void): void
  readonly document?: {
    readonly visibilityState: string
    addEventListener(name: string, listener: () => void): void
    removeEventListener(name: string, listener: () => void): void
  }
}

/**
 * Calls `listener` when the network is back, and when the page is looked at again: a computer that has slept, or a tab in
 * the background whose timers stood still, learns at once whether its connections are alive. Only browsers tell.
 *
 * @returns what ends that.
 */
export function onAwakening(listener: () => void): () => void {
  const surroundings = globalThis as Surroundings
  const { document } = surroundings
  const look = () => {
    if (document?.visibilityState === 'visible') listener()
  }
  surroundings.addEventListener?.('online', listener)
  document?.addEventListener('visibilitychange', look)
  return () => {
    surroundings.removeEventListener?.('online', listener)
    document?.removeEventListener('visibilitychange', look)
  }
}
