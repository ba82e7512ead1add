import { systemClock, type Timer } from '../../clock.js'
import type { TransportError } from '../../errors.js'
import { cannotReach, DEFAULT_HANDSHAKE_TIMEOUT, type DialOptions } from '../websocket/dial.js'
import type { RawSocketAddress } from './address.js'

/** An attempt to reach a router, over one connection after the other: it ends when it has taken too long, or is given up. */
export class Attempt {
  #failure: TransportError | undefined
  #fail: ((failure: TransportError) => void) | undefined
  readonly #timer: Timer
  readonly #signal: AbortSignal | undefined
  readonly #giveUp: () => void

  constructor(url: string, { isSecured, target }: RawSocketAddress, options: DialOptions) {
    const { signal, clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options
    const end = (failure: TransportError) => {
      this.#failure ??= failure
      this.#fail?.(failure)
    }
    // A server that speaks TLS waits for more than four octets.
    const hint = isSecured || 'path' in target ? '' : ' (where TLS is spoken, a URL begins with rss:)'
    this.#timer = clock.after(handshakeTimeout, () =>
      end(cannotReach(url, `no answer within ${handshakeTimeout} ms${hint}`)),
    )
    this.#signal = signal
    this.#giveUp = () => end(cannotReach(url, 'the attempt was given up', signal?.reason))
    if (signal?.aborted) this.#giveUp()
    signal?.addEventListener('abort', this.#giveUp)
  }

  /** Calls `fail` when it is over, at once if it is over already. */
  watch(fail: (failure: TransportError) => void): void {
    this.#fail = fail
    if (this.#failure !== undefined) fail(this.#failure)
  }

  unwatch(): void {
    this.#fail = undefined
  }

  done(): void {
    this.#fail = undefined
    this.#timer.cancel()
    this.#signal?.removeEventListener('abort', this.#giveUp)
  }
}
