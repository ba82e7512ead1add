import { ApplicationError, ProtocolError } from '../../../errors.js'
import type { Logger } from '../../../logger.js'
import { isDict } from '../../../messages/checks.js'
import { Code } from '../../../messages/codes.js'
import { Publish } from '../../../messages/pubsub.js'
import { fromWire } from '../../../messages/wire.js'
import type { Broker } from '../../../roles/broker/broker.js'
import { usesPassthru } from '../../../roles/passthru.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR, isReserved, isUri, META, type UriRule } from '../../../uris.js'
import { scopeArgument, textArgument, wrong } from './arguments.js'
import { ifAllowed, type Judge } from './judge.js'
import type { MetaCall, MetaSession } from './meta-session.js'

/** The most testaments of one session, over both scopes. */
const MOST_TESTAMENTS = 100

/** What a session leaves to be published. Without resumption it is detached and destroyed in one moment. */
interface Testaments {
  readonly detached: Publish[]
  readonly destroyed: Publish[]
}

/**
 * What sessions have asked to be published when they are gone.
 *
 * Spec: rfc/text/advanced/pubsub_testament.md.
 */
export class TestamentStore {
  readonly #bySession = new Map<number, Testaments>()

  constructor(
    private readonly broker: Broker,
    private readonly uriRule: UriRule,
    private readonly sessions: ReadonlyMap<number, Session>,
    private readonly judge: Judge,
    private readonly logger: Logger,
  ) {}

  register(meta: MetaSession): void {
    const uris = META.session
    meta.register(uris.addTestament, (call) => this.#add(call))
    meta.register(uris.flushTestaments, (call) => {
      const testaments = this.#bySession.get(call.caller)
      const scope = scopeArgument(call)
      if (testaments !== undefined) testaments[scope].length = 0
    })
  }

  /** The session is over: publishes what it left, in its name, `detached` before `destroyed`. */
  publish(session: Session): void {
    const testaments = this.#bySession.get(session.id)
    if (testaments === undefined) return
    this.#bySession.delete(session.id)
    for (const message of [...testaments.detached, ...testaments.destroyed])
      try {
        this.broker.publish(session, message)
      } catch (error) {
        // The session is gone: nobody is there to be told, and those that follow have to be published all the same.
        this.logger.error('a testament could not be published', error)
      }
  }

  /** Forgets what the session left. */
  drop(session: Session): void {
    this.#bySession.delete(session.id)
  }

  /** Nobody leaves to be published what he may not publish himself. */
  #add(call: MetaCall): void | Promise<void> {
    const scope = scopeArgument(call)
    const message = this.#publishOf(call)
    const session = this.sessions.get(call.caller)
    if (session === undefined) return
    const keep = () => this.#keep(call, scope, message)
    return ifAllowed(this.judge(session, 'publish', message.topic, 'exact'), keep)
  }

  #keep(call: MetaCall, scope: 'detached' | 'destroyed', message: Publish): void {
    // It may have left while somebody thought about it.
    if (!this.sessions.has(call.caller)) return
    const testaments = this.#bySession.get(call.caller) ?? { detached: [], destroyed: [] }
    if (testaments.detached.length + testaments.destroyed.length >= MOST_TESTAMENTS)
      throw new ApplicationError(ERROR.invalidArgument, [
        `a session may leave ${MOST_TESTAMENTS} testaments; flush some first`,
      ])
    testaments[scope].push(message)
    this.#bySession.set(call.caller, testaments)
  }

  /** @throws ApplicationError if the arguments make no PUBLISH that the session could say. */
  #publishOf(call: MetaCall): Publish {
    const topic = textArgument(call)
    if (!isUri(topic, this.uriRule) || isReserved(topic))
      throw new ApplicationError(ERROR.invalidUri, [`nobody can publish to ${JSON.stringify(topic)}`])
    const [, args = [], kwargs = {}] = call.args
    const options = call.kwargs.publish_options ?? {}
    if (!isDict(options)) return wrong('publish_options must be a dictionary', options)
    const peer = this.sessions.get(call.caller)?.peer
    if (usesPassthru(options) && !peer?.has('publisher', 'payload_passthru_mode'))
      throw new ApplicationError(ERROR.featureNotSupported, [
        'the session has not announced payload_passthru_mode',
      ])
    // Nobody is there to hear it.
    const { acknowledge: _, ...others } = options
    try {
      const message = fromWire([Code.PUBLISH, 1, others, topic, args ?? [], kwargs ?? {}])
      if (message instanceof Publish) return message
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      throw new ApplicationError(ERROR.invalidArgument, [error.message])
    }
    return wrong('the arguments must be a topic, a list and a dictionary', call.args)
  }
}
