import type { Socket } from 'node:net'

/**
 * Resets a connection: `resetAndDestroy` may end it in order first, which for RawSocket is no loss. There is no `close`
 * event afterwards.
 */
export function reset(socket: Socket): void {
  const { _handle } = socket as unknown as { _handle: { reset(done: () => void): void } }
  _handle.reset(() => socket.destroy())
}
