import type { Socket } from 'node:net'

/**
 * Tells whether the other end of a connection is still there. Any octet that came counts as a sign of life, and so does
 * it that the other end took some of what was waiting for it: a message that is long on its way is no silence.
 */
export class Pulse {
  #read = 0
  #waiting = 0
  #silent = 0

  /** Call once a heartbeat. @returns for how many in a row nothing has been heard. */
  feel(socket: Socket): number {
    const { bytesRead, writableLength } = socket
    const isAlive = bytesRead !== this.#read || writableLength < this.#waiting
    this.#read = bytesRead
    this.#waiting = writableLength
    this.#silent = isAlive ? 0 : this.#silent + 1
    return this.#silent
  }
}

/** After so many silent heartbeats a connection is lost. */
export const SILENT_HEARTBEATS = 2

/**
 * Milliseconds between two heartbeats of a router, if nothing else is asked for: less than two of a client's, so that it hears
 * from a router that does not read from it for a while.
 */
export const ROUTER_HEARTBEAT = 8_000
/** The same for a client, which has one connection to look after. */
export const CLIENT_HEARTBEAT = 5_000
