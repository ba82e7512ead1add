import type { Decision } from '../../../authorization/authorization.js'
import { ApplicationError, UsageError } from '../../../errors.js'
import type { Logger } from '../../../logger.js'
import { disclosing } from '../../../message-handlers/disclosing.js'
import { printable } from '../../../message-handlers/request-gate.js'
import { EMPTY_DICT } from '../../../messages/dictionaries.js'
import { sizeOfValue } from '../../../messages/message-size.js'
import { Payload } from '../../../messages/payload.js'
import { Publish } from '../../../messages/pubsub.js'
import type { Broker } from '../../../roles/broker/broker.js'
import type { UriCheck } from '../../../roles/uri-check.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR, META } from '../../../uris.js'
import { departedSession } from '../departed-session.js'
import type { KeepPayload } from '../stored-payloads.js'
import { publicationArgument, scopeArgument, type TestamentScope } from './arguments.js'
import { ifAllowed, type Judge } from './judge.js'
import type { MetaCall, MetaSession } from './meta-session.js'

/** The most testaments of one session, over both scopes. */
const MOST_TESTAMENTS = 100

/** Bytes that a testament costs besides its topic, and its options and arguments as octets. */
const TESTAMENT = 1024

/** The order in which they are published: without resumption a session is detached and destroyed in one moment. */
const SCOPES: readonly TestamentScope[] = ['detached', 'destroyed']

/** Something that a session leaves to be published. */
interface Testament {
  readonly scope: TestamentScope
  readonly topic: string
  /** The options of the PUBLISH, as the only argument: encoded, as what is published is. */
  readonly options: Payload
  readonly payload: Payload
  /** Bytes that it costs. */
  readonly size: number
}

/** What the store needs of a realm. */
export interface TestamentParts {
  readonly broker: Broker
  readonly uris: UriCheck
  readonly sessions: ReadonlyMap<number, Session>
  readonly judge: Judge
  readonly keep: KeepPayload
  /** The most bytes of one session. */
  readonly maxBytes: number
  /** Called whenever a session wants to leave more than it may. */
  readonly onLimit: (() => void) | undefined
  readonly logger: Logger
}

/**
 * What sessions have asked to be published when they are gone. It is kept encoded: decoded, it could cost many times as
 * much, and hold on to what was read from the network with it.
 *
 * Spec: rfc/text/advanced/pubsub_testament.md.
 */
export class TestamentStore {
  readonly #bySession = new Map<number, Set<Testament>>()

  constructor(private readonly parts: TestamentParts) {}

  register(meta: MetaSession): void {
    const uris = META.session
    meta.register(uris.addTestament, (call) => this.#add(call))
    meta.register(uris.flushTestaments, (call) => {
      const flushed = scopeArgument(call)
      const testaments = this.#bySession.get(call.caller)
      for (const testament of testaments ?? []) if (testament.scope === flushed) testaments?.delete(testament)
    })
  }

  /**
   * The session is over: publishes what it left, in its name, `detached` before `destroyed`; what it may not publish by
   * now is dropped. Where that has to be asked, it is published, in the same order, when the answers are there.
   */
  publish(session: Session): void {
    const testaments = this.#bySession.get(session.id)
    if (testaments === undefined) return
    this.#bySession.delete(session.id)
    const testator = departedSession(session)
    const inOrder = SCOPES.flatMap((wanted) => [...testaments].filter(({ scope }) => scope === wanted))
    const decisions = new Map<string, Decision | Promise<Decision>>()
    for (const { topic } of inOrder)
      if (!decisions.has(topic)) decisions.set(topic, this.#decide(testator, topic))
    this.#publishFrom(testator, inOrder, decisions)
  }

  /** Forgets what the session left. */
  drop(session: Session): void {
    this.#bySession.delete(session.id)
  }

  /** Nobody leaves to be published what he may not publish himself. */
  #add(call: MetaCall): void | Promise<void> {
    const session = this.parts.sessions.get(call.caller)
    if (session === undefined) return
    const { uris, judge } = this.parts
    // What waits to be judged counts, and has its place among the others.
    const testament = this.#keep(scopeArgument(call), publicationArgument(call, session.peer, uris))
    this.#expectRoom(call.caller, testament)
    const testaments = this.#bySession.get(call.caller) ?? new Set()
    this.#bySession.set(call.caller, testaments.add(testament))
    const forget = (error: unknown): never => {
      testaments.delete(testament)
      throw error
    }
    try {
      const judged = ifAllowed(judge.decide(session, 'publish', testament.topic, 'exact'), ({ disclose }) => {
        if (disclosing(publishOf(testament), disclose) === undefined)
          throw new ApplicationError(ERROR.discloseMeDisallowed, ['you may not be made known here'])
      })
      return judged instanceof Promise ? judged.catch(forget) : judged
    } catch (error) {
      return forget(error)
    }
  }

  /** @throws ApplicationError `wamp.error.invalid_argument` if no serializer can carry what is in it. */
  #keep(scope: TestamentScope, { topic, options, payload }: Publish): Testament {
    const { keep } = this.parts
    try {
      const kept = { options: keep(new Payload([options])), payload: keep(payload) }
      const size = TESTAMENT + sizeOfValue(topic) + kept.options.size + kept.payload.size
      return { scope, topic, ...kept, size }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new ApplicationError(ERROR.invalidArgument, [error.message])
    }
  }

  /** @throws ApplicationError `wampkit.error.limit_exceeded` if the session has left too much already. */
  #expectRoom(session: number, { size }: Testament): void {
    const { maxBytes, onLimit } = this.parts
    const testaments = [...(this.#bySession.get(session) ?? [])]
    const isFull = testaments.length >= MOST_TESTAMENTS
    if (!isFull && testaments.reduce((bytes, one) => bytes + one.size, size) <= maxBytes) return
    onLimit?.()
    const most = isFull ? `${MOST_TESTAMENTS} testaments` : `testaments of ${maxBytes} bytes together`
    throw new ApplicationError(ERROR.limitExceeded, [`a session may leave ${most}; flush some first`])
  }

  #decide(testator: Session, topic: string): Decision | Promise<Decision> {
    const refused = () => ({ allow: false })
    try {
      const decision = this.parts.judge.decide(testator, 'publish', topic, 'exact')
      return decision instanceof Promise ? decision.catch(refused) : decision
    } catch {
      return refused()
    }
  }

  /** Publishes them one after the other: one that is still being judged holds back those behind it. */
  #publishFrom(
    testator: Session,
    waiting: Testament[],
    decisions: ReadonlyMap<string, Decision | Promise<Decision>>,
  ): void {
    for (;;) {
      const testament = waiting.shift()
      const decision = testament && decisions.get(testament.topic)
      if (testament === undefined || decision === undefined) return
      if (decision instanceof Promise) {
        decision.then((made) => {
          this.#publishOne(testator, testament, made)
          this.#publishFrom(testator, waiting, decisions)
        })
        return
      }
      this.#publishOne(testator, testament, decision)
    }
  }

  #publishOne(testator: Session, testament: Testament, { allow, disclose }: Decision): void {
    const { broker, logger } = this.parts
    try {
      const message = allow ? disclosing(publishOf(testament), disclose) : undefined
      if (message !== undefined) return broker.publish(testator, message)
      const { authid, authrole } = testator.details
      const who = `${printable(String(authid))} (${printable(String(authrole))})`
      const error = allow ? ERROR.discloseMeDisallowed : ERROR.notAuthorized
      logger.warn(`dropped a testament of ${who} for ${printable(testament.topic)}: ${error}`)
    } catch (error) {
      // The session is gone: nobody is there to be told, and those that follow have to be published all the same.
      logger.error('a testament could not be published', error)
    }
  }
}

function publishOf({ topic, options: { args }, payload }: Testament): Publish {
  const [options = EMPTY_DICT] = args as readonly Publish['options'][]
  return new Publish(1, options, topic, payload)
}
