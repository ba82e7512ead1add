import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import { Subscribe, Unsubscribe } from '../../src/messages/pubsub.js'
import { Register, Unregister } from '../../src/messages/rpc.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { BASIC_ROLES, expectEmptyRealm, RawClient, ROLES, routerWithRealm } from './raw-client.js'
import { PATTERNS, RealmModel, TOPICS } from './realm-model.js'

const CLIENTS = 4

type Mode = 'skip' | 'kill' | 'killnowait' | undefined
type Way = 'goodbye' | 'abort' | 'violation' | 'lost'

/** A client of the router, with what it may expect to hear. */
interface Member {
  readonly raw: RawClient
  readonly basic: boolean
  /** Calls without a final answer, and whether they take progress. */
  readonly calls: Map<number, boolean>
  /** Invocations without one. */
  readonly invocations: Set<number>
  /** The keys of its subscriptions and registrations, by the router's ids. */
  readonly subscriptions: Map<number, string>
  readonly registrations: Map<number, string>
  lastInvocation: number
}

class World {
  readonly clock = new TestClock()
  readonly problems: unknown[] = []
  readonly router = routerWithRealm({
    clock: this.clock,
    // Who said GOODBYE may come again as late as it likes.
    limits: { handshakeTimeout: Number.POSITIVE_INFINITY },
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (...line) => this.problems.push(line),
    },
  })
  readonly model = new RealmModel()
  readonly members = new Map<number, Member>()
  /** What was heard of the last step, as the model says it. */
  heard: string[] = []

  join(client: number): void {
    if (this.members.has(client)) return
    const basic = client === 0
    const raw = RawClient.join(this.router, { roles: basic ? BASIC_ROLES : ROLES })
    this.members.set(client, {
      raw,
      basic,
      calls: new Map(),
      invocations: new Set(),
      subscriptions: new Map(),
      registrations: new Map(),
      lastInvocation: 0,
    })
  }

  leave(client: number, way: Way): void {
    const member = this.members.get(client)
    if (member === undefined) return
    const { raw } = member
    if (way === 'goodbye') raw.leave()
    else if (way === 'abort') raw.transport.sayWire([Code.ABORT, {}, 'com.example.panic'])
    else if (way === 'lost') raw.transport.lose()
    else {
      raw.transport.sayText('[]')
      expect(raw.hears(Code.ABORT).reason).toBe(ERROR.protocolViolation)
    }
    raw.hearsNothing()
    this.members.delete(client)
    this.model.leave(client)
  }

  subscribe(client: number, [pattern, match]: readonly [string, string]): void {
    const member = this.members.get(client)
    if (member === undefined) return
    member.raw.request((id) => new Subscribe(id, { match } as Subscribe['options'], pattern))
    member.subscriptions.set(member.raw.hears(Code.SUBSCRIBED).subscriptionId, `${match}:${pattern}`)
    this.model.subscribe(client, pattern, match)
  }

  unsubscribe(client: number, pick: number): void {
    const member = this.members.get(client)
    const id = nth(member?.subscriptions.keys(), pick)
    if (member === undefined || id === undefined) return
    member.raw.request((request) => new Unsubscribe(request, id))
    member.raw.hears(Code.UNSUBSCRIBED)
    this.model.unsubscribe(client, member.subscriptions.get(id))
    member.subscriptions.delete(id)
  }

  publish(client: number, topic: string, excludeMe: boolean): void {
    const member = this.members.get(client)
    if (member === undefined) return
    member.raw.publish(topic, [], { exclude_me: excludeMe, acknowledge: true })
    const expected = this.model.hearers(topic, excludeMe ? client : undefined)
    this.hear(Code.PUBLISHED)
    expect(this.heard.sort()).toEqual(expected.sort())
  }

  register(client: number, [pattern, match]: readonly [string, string], invoke: string): void {
    const member = this.members.get(client)
    if (member === undefined) return
    member.raw.request((id) => new Register(id, { match, invoke } as Register['options'], pattern))
    if (this.model.register(client, pattern, match, invoke))
      member.registrations.set(member.raw.hears(Code.REGISTERED).registrationId, `${match}:${pattern}`)
    else expect(member.raw.hears(Code.ERROR).error).toBe(ERROR.procedureAlreadyExists)
  }

  unregister(client: number, pick: number): void {
    const member = this.members.get(client)
    const id = nth(member?.registrations.keys(), pick)
    if (member === undefined || id === undefined) return
    member.raw.request((request) => new Unregister(request, id))
    member.raw.hears(Code.UNREGISTERED)
    this.model.unregister(client, member.registrations.get(id))
    member.registrations.delete(id)
  }

  call(client: number, procedure: string, progress: boolean, timeout: number): void {
    const member = this.members.get(client)
    if (member === undefined) return
    const expected = this.model.callees(procedure)
    member.calls.set(member.raw.call(procedure, [], { receive_progress: progress, timeout }), progress)
    this.hear()
    if (expected === undefined) expect(this.heard).toEqual([])
    else
      expect(expected.candidates.map((callee) => `${callee} serves ${expected.key}`)).toContain(this.heard[0])
  }

  yield(client: number, pick: number, progress: boolean, fails: boolean): void {
    const member = this.members.get(client)
    const id = nth(member?.invocations.values(), pick)
    if (member === undefined || id === undefined) return
    if (fails) member.raw.fail(id, 'com.example.error')
    else member.raw.yield(id, [], progress ? { progress: true } : {})
    if (fails || !progress) member.invocations.delete(id)
  }

  cancel(client: number, pick: number, mode: Mode): void {
    const member = this.members.get(client)
    const id = nth(member?.calls.keys(), pick)
    if (id !== undefined) member?.raw.cancel(id, mode)
  }

  /** Everybody reads what has come, and none of it may be unexpected. */
  hear(reply?: number): void {
    this.heard = []
    for (const [client, member] of this.members)
      for (const message of member.raw.transport.unread.splice(0))
        if (message.code !== reply) this.#check(client, member, message)
  }

  #check(client: number, member: Member, message: Message): void {
    switch (message.code) {
      case Code.EVENT:
        this.heard.push(`${client} by ${member.subscriptions.get(message.subscriptionId)}`)
        return
      case Code.INVOCATION:
        expect(message.requestId).toBe(++member.lastInvocation)
        member.invocations.add(message.requestId)
        this.heard.push(`${client} serves ${member.registrations.get(message.registrationId)}`)
        return
      case Code.INTERRUPT:
        expect(member.basic).toBe(false)
        expect(message.requestId).toBeLessThanOrEqual(member.lastInvocation)
        return
      case Code.RESULT: {
        const takesProgress = member.calls.get(message.requestId)
        expect(takesProgress).toBeDefined()
        if (message.details.progress === true) expect(takesProgress).toBe(true)
        else member.calls.delete(message.requestId)
        return
      }
      case Code.ERROR:
        expect(message.requestCode).toBe(Code.CALL)
        expect(member.calls.delete(message.requestId)).toBe(true)
        return
      default:
        throw new Error(`client ${client} heard ${JSON.stringify(message.head())}`)
    }
  }
}

function nth<T>(values: Iterable<T> | undefined, pick: number): T | undefined {
  const list = [...(values ?? [])]
  return list[pick % Math.max(list.length, 1)]
}

type Step = (world: World) => void

const client = fc.nat({ max: CLIENTS - 1 })
const pick = fc.nat({ max: 20 })
const topic = fc.constantFrom(...TOPICS)
const pattern = fc.constantFrom(...PATTERNS)
const policy = fc.constantFrom('single', 'roundrobin', 'random', 'first', 'last')
const way = fc.constantFrom<Way>('goodbye', 'abort', 'violation', 'lost')
const mode = fc.constantFrom<Mode>('skip', 'kill', 'killnowait', undefined)
const timeout = fc.constantFrom(0, 0, 50, 100)

const step: fc.Arbitrary<{ name: string; run: Step }> = fc.oneof(
  { weight: 3, arbitrary: of('join', [client], (world, c) => world.join(c)) },
  { weight: 1, arbitrary: of('leave', [client, way], (world, c, how) => world.leave(c, how)) },
  { weight: 3, arbitrary: of('subscribe', [client, pattern], (world, c, p) => world.subscribe(c, p)) },
  { weight: 1, arbitrary: of('unsubscribe', [client, pick], (world, c, n) => world.unsubscribe(c, n)) },
  {
    weight: 3,
    arbitrary: of('publish', [client, topic, fc.boolean()], (world, ...args) => world.publish(...args)),
  },
  {
    weight: 4,
    arbitrary: of('register', [client, pattern, policy], (world, ...args) => world.register(...args)),
  },
  { weight: 1, arbitrary: of('unregister', [client, pick], (world, c, n) => world.unregister(c, n)) },
  {
    weight: 6,
    arbitrary: of('call', [client, topic, fc.boolean(), timeout], (world, ...args) => world.call(...args)),
  },
  {
    weight: 5,
    arbitrary: of('yield', [client, pick, fc.boolean(), fc.boolean()], (world, ...args) =>
      world.yield(...args),
    ),
  },
  { weight: 2, arbitrary: of('cancel', [client, pick, mode], (world, ...args) => world.cancel(...args)) },
  { weight: 2, arbitrary: of('pass', [fc.nat({ max: 120 })], (world, ms) => world.clock.pass(ms)) },
)

/** A step with its arguments, that shows itself when a run fails. */
function of<Args extends unknown[]>(
  name: string,
  arbitraries: { [K in keyof Args]: fc.Arbitrary<Args[K]> },
  run: (world: World, ...args: Args) => void,
): fc.Arbitrary<{ name: string; run: Step }> {
  return fc.tuple<Args>(...arbitraries).map((args) => ({
    name: `${name}(${args.join(', ')})`,
    run: (world) => run(world, ...args),
  }))
}

describe('a realm and the plainest model of one', () => {
  it('agree, whatever clients do: each CALL is answered once, each EVENT is due, and nothing remains', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const world = new World()
        for (let c = 0; c < CLIENTS; c++) world.join(c)
        for (const { run } of steps) {
          run(world)
          world.hear()
          const { dealer, broker, sessions } = world.router.realms.get('realm1') ?? raise()
          expect([...dealer.registrations()]).toHaveLength(world.model.registrations.size)
          expect([...broker.subscriptions()]).toHaveLength(world.model.subscriptions.size)
          expect(sessions.size).toBe(world.members.size)
        }
        // Who serves leaves first: then nobody is left waiting.
        world.join(0)
        for (const c of [1, 2, 3]) {
          world.leave(c, 'goodbye')
          world.hear()
        }
        const last = world.members.get(0)
        const own = [...(last?.calls.keys() ?? [])]
        expect(own.length).toBeLessThanOrEqual(last?.invocations.size ?? 0)
        world.leave(0, 'lost')
        expectEmptyRealm(world.router)
        expect([world.clock.alarms, world.problems]).toEqual([0, []])
      }),
      { numRuns: 100 },
    )
  })
})

function raise(): never {
  throw new Error('the realm is gone')
}
