import type { Socket } from 'node:net'
import type { Clock } from '../../clock.js'
import { TransportError } from '../../errors.js'
import { CLOSE_TIMEOUT } from '../websocket/closing.js'

/**
 * Ends a connection in order: what was written leaves, `last` after it. What still comes is read, and dropped by whoever
 * listens, since octets that nobody has read would have the last ones lost on their way; but not for long.
 */
export function endInOrder(socket: Socket, clock: Clock, last?: Uint8Array): void {
  if (socket.destroyed) return
  const timer = clock.after(CLOSE_TIMEOUT, () => socket.destroy())
  socket.once('close', () => timer.cancel())
  if (last === undefined) socket.end()
  else socket.end(last)
  socket.resume()
}

/** The connection has ended, and nobody had said so. */
export function lost(cause: Error | undefined): TransportError {
  if (cause === undefined) return new TransportError('the connection was lost')
  return new TransportError(`the connection was lost (${cause.message})`, { cause })
}
