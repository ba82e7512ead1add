import { SessionClosedError } from '../../errors.js'
import type { Transport } from '../../transports/transport.js'
import { CLOSE } from '../../uris.js'
import type { ClientConnection } from './client-connection.js'
import type { Login } from './login.js'

/** What a client's starts and stops are made of. */
export interface LifecycleParts {
  /** Opens a transport; gives up when `signal` aborts. */
  dial(signal: AbortSignal): Promise<Transport>
  connect(transport: Transport): ClientConnection
  /** Begins to log in over the transport. */
  login(transport: Transport): Login
}

/** Starts and stops of a client, which may be called at any time and cross each other. */
export class Lifecycle {
  #connection: ClientConnection | undefined
  #starting: Promise<void> | undefined
  #dialing: AbortController | undefined
  /** Settles when the last `stop()` has come to its end. */
  #stopping: Promise<void> | undefined

  constructor(private readonly parts: LifecycleParts) {}

  /** The connection there is; its session may be joined or not. */
  get connection(): ClientConnection | undefined {
    return this.#connection
  }

  /** @throws whatever kept the client from joining. */
  async start(): Promise<void> {
    this.#starting ??= this.#start()
    const starting = this.#starting
    try {
      await starting
    } catch (error) {
      if (this.#starting === starting) this.#starting = undefined
      throw error
    }
  }

  stop(): Promise<void> {
    const starting = this.#starting
    // A start() from here on is another one; it waits for this one's end.
    this.#starting = undefined
    this.#dialing?.abort()
    this.#stopping = this.#stop(starting)
    return this.#stopping
  }

  /** The session that had been joined is over; `lost` unless `stop()` ended it. */
  left(lost: boolean): void {
    // With stop() it was forgotten before, and may be that of the next session by now.
    if (lost) this.#starting = undefined
    this.#connection = undefined
  }

  async #start(): Promise<void> {
    const dialing = new AbortController()
    this.#dialing = dialing
    await this.#stopping
    if (dialing.signal.aborted) throw stoppedEarly()
    const transport = await this.parts.dial(dialing.signal)
    if (this.#dialing === dialing) this.#dialing = undefined
    if (dialing.signal.aborted) {
      transport.close()
      throw stoppedEarly()
    }
    this.#connection = this.parts.connect(transport)
    await this.#connection.open(() => this.parts.login(transport))
  }

  async #stop(starting: Promise<void> | undefined): Promise<void> {
    await this.#connection?.leave()
    // Whoever called start() hears how it failed.
    await starting?.catch(() => {})
  }
}

function stoppedEarly(): SessionClosedError {
  return new SessionClosedError(CLOSE.realm, 'the client was stopped before it had joined')
}
