import { expect } from 'vitest'
import { Client, type ClientOptions } from '../../src/index.js'
import { Code, type MessageCode } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { ErrorMessage } from '../../src/messages/error-message.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { EventMessage, Subscribed, Unsubscribed } from '../../src/messages/pubsub.js'
import { Invocation, Registered, Result, Unregistered } from '../../src/messages/rpc.js'
import { Goodbye, Welcome } from '../../src/messages/session-lifecycle.js'
import { announce } from '../../src/sessions/features.js'
import { IdSequence } from '../../src/sessions/ids.js'
import { CLOSE } from '../../src/uris.js'
import { FakeTransport, type MessageOf, MOST_TURNS, turn } from './fake-transport.js'

export const ROUTER_ROLES = announce({
  broker: ['pattern_based_subscription', 'publisher_exclusion', 'publisher_identification'],
  dealer: [
    'call_canceling',
    'call_timeout',
    'caller_identification',
    'pattern_based_registration',
    'progressive_call_results',
    'shared_registration',
  ],
})

export const BASIC_ROUTER_ROLES = announce({ broker: [], dealer: [] })

const SESSION_ID = 9007199254740992

/** A router that says to a client whatever a test wants, and hears all that the client says. */
export class RawRouter {
  transport = new FakeTransport('client')
  /** Do the transports find out by themselves that the other end is gone? */
  hasHeartbeat = true
  /** How often the client has connected. */
  connections = 0
  #invocations = new IdSequence()

  /** What the option `transport` of a client takes; each session has a transport of its own. */
  connect = (): FakeTransport => {
    const { hasHeartbeat } = this
    this.connections++
    this.transport = new FakeTransport('client', { hasHeartbeat })
    this.#invocations = new IdSequence()
    return this.transport
  }

  say(message: Message): void {
    this.transport.say(message)
  }

  /** The next message of the client, once it has said one. It may have to connect first. */
  async hears<C extends MessageCode>(code: C): Promise<MessageOf<C>> {
    for (let turns = 0; this.transport.unread.length === 0 && turns < MOST_TURNS; turns++) await turn()
    return this.transport.hears(code)
  }

  async hearsNothing(): Promise<void> {
    await turn()
    await turn()
    this.transport.hearsNothing()
  }

  async welcome(roles: Dict = ROUTER_ROLES): Promise<void> {
    await this.hears(Code.HELLO)
    this.say(new Welcome(SESSION_ID, { roles, realm: 'realm1', authid: 'ada', authrole: 'engineer' }))
  }

  async registers(registrationId: number): Promise<MessageOf<typeof Code.REGISTER>> {
    const register = await this.hears(Code.REGISTER)
    this.say(new Registered(register.requestId, registrationId))
    return register
  }

  async unregisters(): Promise<MessageOf<typeof Code.UNREGISTER>> {
    const unregister = await this.hears(Code.UNREGISTER)
    this.say(new Unregistered(unregister.requestId))
    return unregister
  }

  async subscribes(subscriptionId: number): Promise<MessageOf<typeof Code.SUBSCRIBE>> {
    const subscribe = await this.hears(Code.SUBSCRIBE)
    this.say(new Subscribed(subscribe.requestId, subscriptionId))
    return subscribe
  }

  async unsubscribes(): Promise<MessageOf<typeof Code.UNSUBSCRIBE>> {
    const unsubscribe = await this.hears(Code.UNSUBSCRIBE)
    this.say(new Unsubscribed(unsubscribe.requestId))
    return unsubscribe
  }

  invoke(registrationId: number, args: unknown[] = [], details: Dict = {}, kwargs?: Dict): number {
    const requestId = this.#invocations.next()
    this.say(new Invocation(requestId, registrationId, details, new Payload(args, kwargs)))
    return requestId
  }

  result(requestId: number, args: unknown[] = [], details: Dict = {}, kwargs?: Dict): void {
    this.say(new Result(requestId, details, new Payload(args, kwargs)))
  }

  fails(requestCode: number, requestId: number, uri: string, args: unknown[] = [], kwargs?: Dict): void {
    this.say(new ErrorMessage(requestCode, requestId, {}, uri, new Payload(args, kwargs)))
  }

  event(subscriptionId: number, args: unknown[] = [], details: Dict = {}, kwargs?: Dict): void {
    this.say(new EventMessage(subscriptionId, 4711, details, new Payload(args, kwargs)))
  }

  /** The client says GOODBYE, and is answered. */
  async parts(): Promise<void> {
    expect((await this.hears(Code.GOODBYE)).reason).toBe(CLOSE.realm)
    this.say(new Goodbye({}, CLOSE.goodbyeAndOut))
  }
}

export interface Joined<C extends Client = Client> {
  readonly router: RawRouter
  readonly client: C
  /** What reached the client's `error` event. */
  readonly errors: unknown[]
}

/** A client that has joined a scripted router. */
export async function joinedClient(
  options: Partial<ClientOptions> & { routerRoles?: Dict } = {},
): Promise<Joined> {
  const { routerRoles, ...clientOptions } = options
  const router = new RawRouter()
  const client = new Client({ realm: 'realm1', transport: router.connect, ...clientOptions })
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  const started = client.start()
  await router.welcome(routerRoles)
  await started
  return { router, client, errors }
}

/** Ends a session of a client, from the client's side. */
export async function stop({ client, router }: Joined): Promise<void> {
  const stopped = client.stop()
  await router.parts()
  await stopped
}
