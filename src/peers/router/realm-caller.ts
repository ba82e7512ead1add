import type { Clock } from '../../clock.js'
import { ApplicationError, CanceledError } from '../../errors.js'
import type { HandledRealm } from '../../message-handlers/router-message-handler.js'
import { Code } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { Payload } from '../../messages/payload.js'
import { Call, Cancel } from '../../messages/rpc.js'
import { fromPayload } from '../../roles/call-result.js'
import { announce } from '../../sessions/features.js'
import type { Session } from '../../sessions/session.js'
import { ERROR } from '../../uris.js'
import { trustedSession } from './trusted-session.js'

/** Milliseconds that the router itself waits for a procedure. */
const PATIENCE = 5_000

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * The session in which a router calls procedures of a realm itself: those that say who somebody is, and what he may do.
 * Nobody judges what it asks for.
 */
export class RealmCaller {
  readonly #session: Session
  readonly #waiting = new Map<number, Waiting>()
  #requestId = 0

  constructor(
    name: string,
    private readonly realm: Pick<HandledRealm, 'dealer'>,
    private readonly clock: Clock,
  ) {
    const roles = announce({ caller: ['call_canceling'] })
    this.#session = trustedSession(name, roles, (message) => this.#hear(message), { authid: 'router' })
  }

  /**
   * Calls a procedure; resolves to the only value of its result, as `Client.call` does.
   *
   * @throws ApplicationError if it fails; CanceledError if it does not answer within 5 seconds.
   */
  call(procedure: string, args: readonly unknown[]): Promise<unknown> {
    const requestId = ++this.#requestId
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(PATIENCE, () => {
        this.#waiting.delete(requestId)
        this.realm.dealer.cancel(this.#session, new Cancel(requestId, { mode: 'killnowait' }))
        reject(new CanceledError(ERROR.timeout, `${procedure} did not answer within ${PATIENCE} ms`))
      })
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          timer.cancel()
          settle(value)
        }
      }
      this.#waiting.set(requestId, { resolve: settled(resolve), reject: settled(reject) })
      const options = { disclose_me: true }
      this.realm.dealer.call(this.#session, new Call(requestId, options, procedure, new Payload(args)))
    })
  }

  #hear(message: Message): void {
    if (message.code !== Code.RESULT && message.code !== Code.ERROR) return
    const waiting = this.#waiting.get(message.requestId)
    this.#waiting.delete(message.requestId)
    if (waiting === undefined) return
    const { payload } = message
    if (message.code === Code.RESULT) waiting.resolve(fromPayload(payload, message.details))
    else waiting.reject(new ApplicationError(message.error, payload.args, { kwargs: payload.kwargs }))
  }
}
