import { expect } from 'vitest'
import { Code, type MessageCode } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { ErrorMessage } from '../../src/messages/error-message.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { Publish, Subscribe, Unsubscribe } from '../../src/messages/pubsub.js'
import { Call, Cancel, Register, Unregister, Yield } from '../../src/messages/rpc.js'
import { Goodbye, Hello } from '../../src/messages/session-lifecycle.js'
import { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { IdSequence } from '../../src/sessions/ids.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { FakeTransport, type MessageOf, wire } from './fake-transport.js'

/** All four roles, with what the tests need of features. */
export const ROLES = announce({
  caller: [
    'call_canceling',
    'caller_identification',
    'payload_passthru_mode',
    'progressive_call_invocations',
    'progressive_call_results',
  ],
  callee: [
    'call_canceling',
    'caller_identification',
    'pattern_based_registration',
    'payload_passthru_mode',
    'progressive_call_invocations',
    'progressive_call_results',
    'registration_revocation',
    'shared_registration',
  ],
  publisher: ['payload_passthru_mode', 'publisher_exclusion', 'publisher_identification'],
  subscriber: ['pattern_based_subscription', 'publisher_identification', 'subscription_revocation'],
})

/** All four roles as the Basic Profile has them. */
export const BASIC_ROLES = announce({ caller: [], callee: [], publisher: [], subscriber: [] })

export interface RawOptions {
  realm?: string
  roles?: Dict
  details?: Dict
  local?: boolean
}

/** A client that says whatever a test wants to a router, and hears all that the router says. */
export class RawClient {
  readonly transport: FakeTransport
  sessionId = 0
  welcome: Dict = {}
  #requests = new IdSequence()

  /** Connects; nothing is said. */
  constructor(router: Router, { local = true }: RawOptions = {}) {
    this.transport = new FakeTransport('router', { local })
    router.accept(this.transport)
  }

  /** A client whose session is established. */
  static join(router: Router, options: RawOptions = {}): RawClient {
    const raw = new RawClient(router, options)
    raw.join(options)
    return raw
  }

  hello({ realm = 'realm1', roles = ROLES, details = {} }: RawOptions = {}): void {
    this.#requests = new IdSequence()
    this.say(new Hello(realm, { roles, ...details }))
  }

  join(options: RawOptions = {}): void {
    this.hello(options)
    this.welcomed(this.hears(Code.WELCOME))
  }

  welcomed({ sessionId, details }: MessageOf<typeof Code.WELCOME>): void {
    this.sessionId = sessionId
    this.welcome = details
  }

  say(message: Message): void {
    this.transport.say(message)
  }

  hears<C extends MessageCode>(code: C): MessageOf<C> {
    return this.transport.hears(code)
  }

  hearsNothing(): void {
    this.transport.hearsNothing()
  }

  /** Says a request under the next request id, which it returns. */
  request(make: (requestId: number) => Message): number {
    const requestId = this.#requests.next()
    this.say(make(requestId))
    return requestId
  }

  subscribe(topic: string, options: Dict = {}): number {
    this.request((id) => new Subscribe(id, options, topic))
    return this.hears(Code.SUBSCRIBED).subscriptionId
  }

  unsubscribe(subscriptionId: number): void {
    this.request((id) => new Unsubscribe(id, subscriptionId))
    this.hears(Code.UNSUBSCRIBED)
  }

  publish(topic: string, args: unknown[] = [], options: Dict = {}, kwargs?: Dict): number {
    return this.request((id) => new Publish(id, options, topic, new Payload(args, kwargs)))
  }

  register(procedure: string, options: Dict = {}): number {
    this.request((id) => new Register(id, options, procedure))
    return this.hears(Code.REGISTERED).registrationId
  }

  unregister(registrationId: number): void {
    this.request((id) => new Unregister(id, registrationId))
    this.hears(Code.UNREGISTERED)
  }

  call(procedure: string, args: unknown[] = [], options: Dict = {}, kwargs?: Dict): number {
    return this.request((id) => new Call(id, options, procedure, new Payload(args, kwargs)))
  }

  cancel(requestId: number, mode?: 'skip' | 'kill' | 'killnowait'): void {
    this.say(new Cancel(requestId, mode === undefined ? {} : { mode }))
  }

  /** Hears an INVOCATION, and returns its request id. */
  invoked(): number {
    return this.hears(Code.INVOCATION).requestId
  }

  yield(invocationId: number, args: unknown[] = [], options: Dict = {}, kwargs?: Dict): void {
    this.say(new Yield(invocationId, options, new Payload(args, kwargs)))
  }

  fail(invocationId: number, uri: string, args: unknown[] = [], kwargs?: Dict): void {
    this.say(new ErrorMessage(Code.INVOCATION, invocationId, {}, uri, new Payload(args, kwargs)))
  }

  leave(): void {
    this.say(new Goodbye({}, CLOSE.realm))
    expect(this.hears(Code.GOODBYE).reason).toBe(CLOSE.goodbyeAndOut)
  }
}

/** The router refused: it said ABORT with this reason, as the last thing, and closed the transport. */
export function expectAbort(raw: RawClient, reason: string): string {
  const abort = raw.hears(Code.ABORT)
  expect(abort.reason).toBe(reason)
  raw.hearsNothing()
  expect(raw.transport.isClosed).toBe(true)
  return abort.details.message ?? ''
}

/** The router aborted for a violation of the protocol. */
export function expectViolation(raw: RawClient, sentence: RegExp): void {
  expect(expectAbort(raw, ERROR.protocolViolation)).toMatch(sentence)
}

/** The router answered this request with this ERROR. */
export function expectError(raw: RawClient, requestCode: number, requestId: number, uri: string): unknown[] {
  const error = raw.hears(Code.ERROR)
  expect(wire(error).slice(0, 5)).toEqual([Code.ERROR, requestCode, requestId, {}, uri])
  return [...error.payload.args]
}

/** The router answered this call with a RESULT of these values. */
export function expectResult(raw: RawClient, requestId: number, ...args: unknown[]): void {
  const result = raw.hears(Code.RESULT)
  expect([result.requestId, result.payload.args]).toEqual([requestId, args])
}

/** Nobody else may notice what one session does: two sessions that go on calling each other. */
export function bystanders(router: Router): () => void {
  const callee = RawClient.join(router)
  const caller = RawClient.join(router)
  const registration = callee.register('com.example.bystander')
  const subscription = caller.subscribe('com.example.bystander')
  return () => {
    const call = caller.call('com.example.bystander', ['still there?'])
    const invocation = callee.hears(Code.INVOCATION)
    expect(invocation.registrationId).toBe(registration)
    callee.yield(invocation.requestId, ['still here'])
    expectResult(caller, call, 'still here')
    callee.publish('com.example.bystander', [call])
    expect(caller.hears(Code.EVENT).subscriptionId).toBe(subscription)
    callee.hearsNothing()
    caller.hearsNothing()
  }
}

/** A router with one realm, where nothing is logged but what must not happen. */
export function routerWithRealm(options: Partial<ConstructorParameters<typeof Router>[0]> = {}): Router {
  return new Router({ realms: [{ name: 'realm1' }], ...options })
}

/** Nothing is left of sessions that have ended. */
export function expectEmptyRealm(router: Router, name = 'realm1'): void {
  const realm = router.realms.get(name)
  expect([...(realm?.dealer.registrations() ?? [])]).toEqual([])
  expect([...(realm?.broker.subscriptions() ?? [])]).toEqual([])
  expect(realm?.sessions.size).toBe(0)
}
