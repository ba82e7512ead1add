import type { Logger } from '../../logger.js'
import { Emitter } from '../emitter.js'
import type { ClientEvents } from './client-options.js'

/** What a client tells its listeners; and its logger, where an error has none. */
export class Notices {
  readonly #events = new Emitter<ClientEvents>()

  constructor(private readonly logger: Logger) {}

  get events(): Pick<Emitter<ClientEvents>, 'on' | 'off' | 'once'> {
    return this.#events
  }

  emit<Name extends keyof ClientEvents>(name: Name, detail: ClientEvents[Name]): void {
    this.#events.emit(name, detail, (error) => this.report(error))
  }

  /** An error that no promise tells. */
  report(error: unknown): void {
    const lost = (thrown: unknown) => this.logger.error('an error listener of a wampkit client threw', thrown)
    if (this.#events.emit('error', error, lost)) return
    this.logger.error('wampkit: an error that nobody listens for (client.on("error", …))', error)
  }
}
