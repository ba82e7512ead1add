import type { Socket } from 'node:net'
import { HANDSHAKE_LENGTH, MAGIC } from './handshake.js'

/** What has come of a handshake. */
export interface Greeting {
  /** Four octets that begin with `MAGIC`; or else what came in place of them, which may be nothing. */
  readonly octets: Buffer
  /** What went wrong with the connection, if it did. */
  readonly cause?: Error
}

/** A handshake is read no further than this, whatever comes in its place. */
const LONGEST_GREETING = 64

/** Is it a handshake, whatever it says? */
export function isHandshake({ octets }: Greeting): boolean {
  return octets.length === HANDSHAKE_LENGTH && octets[0] === MAGIC
}

/**
 * Waits for the handshake of the other end, which may come an octet at a time, and tells it once. What follows stays in
 * the socket, which is paused then. Who wants to wait no longer destroys the socket.
 *
 * @param head what has been read of the socket before.
 */
export function readGreeting(
  socket: Socket,
  head: Buffer | undefined,
  told: (greeting: Greeting) => void,
): void {
  let octets: Buffer = Buffer.alloc(0)
  const settle = (greeting: Greeting) => {
    socket.off('data', take)
    socket.off('end', end)
    socket.off('close', end)
    socket.off('error', fail)
    told(greeting)
  }
  const take = (chunk: Buffer) => {
    const missing = HANDSHAKE_LENGTH - octets.length
    const isForeign = (octets[0] ?? chunk[0]) !== MAGIC
    octets = Buffer.concat([octets, chunk.subarray(0, isForeign ? LONGEST_GREETING : missing)])
    if (octets.length < HANDSHAKE_LENGTH && !isForeign) return
    socket.pause()
    if (!isForeign && chunk.length > missing) socket.unshift(chunk.subarray(missing))
    settle({ octets })
  }
  const end = () => settle({ octets })
  const fail = (cause: Error) => settle({ octets, cause })
  socket.on('end', end)
  socket.on('close', end)
  socket.on('error', fail)
  if (head !== undefined && head.length > 0) take(head)
  if (isOver(octets)) return
  socket.on('data', take)
  socket.resume()
}

function isOver(octets: Buffer): boolean {
  return octets.length >= HANDSHAKE_LENGTH || (octets.length > 0 && octets[0] !== MAGIC)
}
