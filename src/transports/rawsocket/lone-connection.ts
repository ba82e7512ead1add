import type { Clock, Timer } from '../../clock.js'
import type { ConnectionHost } from './raw-socket-end.js'
import type { RawSocketTransport } from './raw-socket-transport.js'

/** What a client's only connection has in place of a listener. */
export class LoneConnection implements ConnectionHost {
  readonly sendBufferLimit = Number.POSITIVE_INFINITY
  readonly maxMessageSizeBeforeLogin: number
  #timer: Timer | undefined

  constructor(
    readonly clock: Clock,
    readonly heartbeat: number,
    readonly maxMessageSize: number,
  ) {
    this.maxMessageSizeBeforeLogin = maxMessageSize
  }

  watch(transport: RawSocketTransport): RawSocketTransport {
    if (this.heartbeat > 0) this.#wait(transport)
    return transport
  }

  /** The error is told when the connection has ended. */
  dropped(): void {}

  ended(): void {
    this.#timer?.cancel()
  }

  #wait(transport: RawSocketTransport): void {
    this.#timer = this.clock.after(this.heartbeat, () => {
      this.#wait(transport)
      transport.beat()
    })
  }
}
