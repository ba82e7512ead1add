import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Payload } from '../../src/messages/payload.js'
import { Call } from '../../src/messages/rpc.js'
import {
  type AuthorizationRequest,
  type Authorizer,
  type Decision,
  type Permission,
  Router,
  type RouterOptions,
} from '../../src/router.js'
import { ERROR, META } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { asTold, joinAs } from './as-told.js'
import { turn } from './fake-transport.js'
import type { RawClient } from './raw-client.js'

const TOPIC = 'com.example.gone'
const { addTestament, flushTestaments } = META.session

let router: Router
let watcher: RawClient
let mortal: RawClient
let warned: string[]
let failed: unknown[][]

function open(options: Partial<RouterOptions> = {}, who = 'mortal:staff'): void {
  warned = []
  failed = []
  const logger = {
    debug() {},
    info() {},
    warn: (line: string) => warned.push(line),
    error: (...line: unknown[]) => failed.push(line),
  }
  router = new Router({
    realms: [{ name: 'realm1', auth: [asTold] }],
    clock: new TestClock(),
    logger,
    ...options,
  })
  watcher = joinAs(router, 'watcher:staff')
  watcher.subscribe(TOPIC)
  mortal = joinAs(router, who)
}

beforeEach(() => open())

async function call(procedure: string, args: unknown[] = [], kwargs: Dict = {}) {
  mortal.call(procedure, args, {}, kwargs)
  await Promise.resolve()
  return mortal
}

async function leaves(args: unknown[], kwargs: Dict = {}): Promise<void> {
  expect((await call(addTestament, args, kwargs)).hears(Code.RESULT).payload.args).toEqual([])
}

/** The events that the watcher has heard. */
function heard(): unknown[][] {
  return watcher.transport.unread.splice(0).map((message) => {
    expect(message.code).toBe(Code.EVENT)
    return 'payload' in message ? [...message.payload.args] : []
  })
}

describe('Session Testament (pubsub_testament.md)', () => {
  it('is published when the session ends, with its arguments and keywords', async () => {
    await leaves([TOPIC, ['Seeya!'], { my_name: 'app1' }])
    watcher.hearsNothing()
    mortal.leave()
    const { payload, details } = watcher.hears(Code.EVENT)
    expect([payload.args, payload.kwargs, details]).toEqual([['Seeya!'], { my_name: 'app1' }, {}])
    watcher.hearsNothing()
  })

  it.each([
    ['the transport is lost', () => mortal.transport.lose()],
    ['the session breaks the protocol', () => mortal.transport.sayWire([Code.HELLO, 'realm1', {}])],
    ['the session aborts', () => mortal.transport.sayWire([Code.ABORT, {}, 'com.example.reason'])],
  ])('is published when %s', async (_, end) => {
    await leaves([TOPIC, [1]])
    end()
    expect(heard()).toEqual([[1]])
  })

  it('is published when another session kills it', async () => {
    await leaves([TOPIC, [1]])
    watcher.call(META.session.kill, [mortal.sessionId])
    await Promise.resolve()
    expect(watcher.transport.unread.map(({ code }) => code).sort()).toEqual([Code.EVENT, Code.RESULT])
  })

  it('is not published by kill_all', async () => {
    await leaves([TOPIC, [1]])
    watcher.call(META.session.killAll)
    await Promise.resolve()
    watcher.hears(Code.RESULT)
    watcher.hearsNothing()
  })

  it('of several each is published, in the order in which they were added, detached before destroyed', async () => {
    await leaves([TOPIC, ['destroyed 1']])
    await leaves([TOPIC, ['detached 1']], { scope: 'detached' })
    await leaves([TOPIC, ['destroyed 2']], { scope: 'destroyed' })
    await leaves([TOPIC, ['detached 2']], { scope: 'detached' })
    mortal.leave()
    expect(heard()).toEqual([['detached 1'], ['detached 2'], ['destroyed 1'], ['destroyed 2']])
  })

  it('comes before the session is told to have left', async () => {
    watcher.subscribe(META.session.onLeave)
    await leaves([TOPIC, ['last words']])
    mortal.leave()
    expect(heard()[0]).toEqual(['last words'])
  })

  it.each([
    ['destroyed by default', {}, ['detached']],
    ['detached', { scope: 'detached' }, ['destroyed']],
    ['destroyed', { scope: 'destroyed' }, ['detached']],
  ])('flush forgets those of one scope: %s', async (_, kwargs, left) => {
    await leaves([TOPIC, ['destroyed']])
    await leaves([TOPIC, ['detached']], { scope: 'detached' })
    expect((await call(flushTestaments, [], kwargs)).hears(Code.RESULT).payload.args).toEqual([])
    mortal.leave()
    expect(heard()).toEqual(left.map((scope) => [scope]))
  })

  it('is published once, and belongs to one session', async () => {
    await leaves([TOPIC, [1]])
    mortal.leave()
    expect(heard()).toEqual([[1]])
    mortal.join({ details: { authmethods: ['told'], authid: 'mortal:staff' } })
    mortal.leave()
    expect(heard()).toEqual([])
  })

  it('obeys publish_options, in the name of the session that left', async () => {
    const publish_options = { disclose_me: true, acknowledge: true, exclude_authid: ['other'] }
    const other = joinAs(router, 'other:staff')
    other.subscribe(TOPIC)
    await leaves([TOPIC, [1]], { publish_options })
    const { sessionId } = mortal
    mortal.transport.lose()
    other.hearsNothing()
    expect(watcher.hears(Code.EVENT).details).toEqual({
      publisher: sessionId,
      publisher_authid: 'mortal',
      publisher_authrole: 'staff',
    })
  })

  it.each([
    ['no topic', [], {}, ERROR.invalidArgument],
    ['a topic of the wrong kind', [7], {}, ERROR.invalidArgument],
    ['a topic that is no URI', ['a..b'], {}, ERROR.invalidUri],
    ['a topic of the protocol', ['wamp.session.on_join'], {}, ERROR.invalidUri],
    ['arguments of the wrong kind', [TOPIC, 'x'], {}, ERROR.invalidArgument],
    ['keywords of the wrong kind', [TOPIC, [], []], {}, ERROR.invalidArgument],
    ['an unknown scope', [TOPIC], { scope: 'frozen' }, ERROR.invalidArgument],
    ['options of the wrong kind', [TOPIC], { publish_options: 7 }, ERROR.invalidArgument],
    ['an option of the wrong kind', [TOPIC], { publish_options: { exclude: 'x' } }, ERROR.invalidArgument],
  ])('%s: the call fails, and the session lives', async (_, args, kwargs, uri) => {
    expect((await call(addTestament, args, kwargs)).hears(Code.ERROR).error).toBe(uri)
    await leaves([TOPIC, ['good']])
    mortal.leave()
    expect(heard()).toEqual([['good']])
  })

  it('payload passthru mode, which the session has not announced, is refused before it can do harm', async () => {
    mortal = joinAs(router, 'plain:staff', { publisher: {}, caller: {} })
    const publish_options = { ppt_scheme: 'x_mine' }
    const refused = await call(addTestament, [TOPIC, [1]], { publish_options })
    expect(refused.hears(Code.ERROR).error).toBe(ERROR.featureNotSupported)
    mortal.leave()
    expect(heard()).toEqual([])
  })

  it.each([Number.NaN, '\0x', 2n ** 60n])(
    '%s, which some formats cannot say, harms nobody when it is published',
    async (value) => {
      const session = router.realms.get('realm1')?.sessions.get(mortal.sessionId)
      await leaves([TOPIC, ['first']], { publish_options: { retain: true } })
      const message = new Call(
        99,
        {},
        addTestament,
        new Payload([TOPIC, [value]], { publish_options: { retain: true } }),
      )
      router.realms.get('realm1')?.dealer.call(session as never, message)
      await Promise.resolve()
      mortal.transport.lose()
      expect(router.realms.get('realm1')?.sessions.has(mortal.sessionId)).toBe(false)
      expect(heard()[0]).toEqual(['first'])
    },
  )

  it('a session may leave a hundred, and no more', async () => {
    for (let n = 0; n < 100; n++) await leaves([TOPIC, [n]])
    expect((await call(addTestament, [TOPIC])).hears(Code.ERROR).error).toBe(ERROR.limitExceeded)
    expect(router.counters.refusedByLimit).toBe(1)
    mortal.leave()
    expect(heard()).toHaveLength(100)
  })

  it.each<[string, unknown[], Dict]>([
    ['arguments', [TOPIC, ['x'.repeat(5_000)]], {}],
    ['keywords', [TOPIC, [], { x: 'x'.repeat(5_000) }], {}],
    ['options', [TOPIC, []], { publish_options: { exclude_authid: ['x'.repeat(5_000)] } }],
    ['options that mean nothing', [TOPIC, []], { publish_options: { x_more: 'x'.repeat(5_000) } }],
  ])('of many bytes a session may leave few: %s count', async (_, args, kwargs) => {
    open({ sessionLimits: { testamentBytes: 14_000 } })
    await leaves(args, kwargs)
    await leaves(args, kwargs)
    expect((await call(addTestament, args, kwargs)).hears(Code.ERROR).error).toBe(ERROR.limitExceeded)
    expect(router.counters.refusedByLimit).toBe(1)
    await leaves([TOPIC, ['short']])
    expect((await call(flushTestaments)).hears(Code.RESULT).payload.args).toEqual([])
    await leaves(args, kwargs)
    await leaves(args, kwargs)
    mortal.leave()
    expect(heard()).toHaveLength(2)
  })

  it('a session may leave 1 MiB, unless told otherwise', async () => {
    await leaves([TOPIC, ['x'.repeat(1_000_000)]])
    const more = await call(addTestament, [TOPIC, ['x'.repeat(100_000)]])
    expect(more.hears(Code.ERROR).error).toBe(ERROR.limitExceeded)
    mortal.leave()
    expect(heard()).toHaveLength(1)
  })
})

describe('Session Testament (pubsub_testament.md): who may leave what', () => {
  const ALL = ['call', 'register', 'publish', 'subscribe'] as const
  const FREE = { uri: '', match: 'prefix', allow: ALL } as const
  const OPEN: Permission = { uri: TOPIC, allow: ['publish'] }
  const META_CALLS: Permission = { uri: 'wamp.', match: 'prefix', allow: ['call'] }
  const rolesOf = (...permissions: Permission[]) => ({ staff: [FREE], mortals: [META_CALLS, ...permissions] })

  function allowing(...permissions: Permission[]): void {
    open({ realms: [{ name: 'realm1', auth: [asTold], roles: rolesOf(...permissions) }] }, 'mortal:mortals')
  }

  const asking = { publish_options: { disclose_me: true } }

  it('disclosure never: one that asks to be made known is refused, and no other is known', async () => {
    allowing({ ...OPEN, disclose: 'never' })
    const refused = await call(addTestament, [TOPIC, [1]], asking)
    expect(refused.hears(Code.ERROR).error).toBe(ERROR.discloseMeDisallowed)
    await leaves([TOPIC, [2]])
    mortal.leave()
    const { details, payload } = watcher.hears(Code.EVENT)
    expect([details, payload.args]).toEqual([{}, [2]])
    watcher.hearsNothing()
  })

  it('disclosure always: makes known who leaves it, whether it asked or not', async () => {
    allowing({ ...OPEN, disclose: 'always' })
    await leaves([TOPIC, [1]], { publish_options: { disclose_me: false } })
    const { sessionId } = mortal
    mortal.leave()
    expect(watcher.hears(Code.EVENT).details).toMatchObject({
      publisher: sessionId,
      publisher_authid: 'mortal',
    })
  })

  it('is judged again when it is published: what is forbidden by then is dropped, and the log says so', async () => {
    allowing(OPEN, { uri: 'com.example.other', allow: ['publish'] })
    watcher.subscribe('com.example.other')
    await leaves(['com.example.other', ['forbidden']], { scope: 'detached' })
    await leaves([TOPIC, ['allowed']])
    router.reload([{ name: 'realm1', auth: [asTold], roles: rolesOf(OPEN) }])
    mortal.leave()
    expect(heard()).toEqual([['allowed']])
    expect(warned).toEqual([
      `dropped a testament of mortal (mortals) for com.example.other: ${ERROR.notAuthorized}`,
    ])
  })

  it('disclosure is judged again too', async () => {
    allowing(OPEN)
    await leaves([TOPIC, ['known']], asking)
    await leaves([TOPIC, ['unknown']])
    router.reload([{ name: 'realm1', auth: [asTold], roles: rolesOf({ ...OPEN, disclose: 'never' }) }])
    mortal.leave()
    expect(heard()).toEqual([['unknown']])
    expect(warned).toEqual([
      `dropped a testament of mortal (mortals) for ${TOPIC}: ${ERROR.discloseMeDisallowed}`,
    ])
  })

  describe('by an authorizer that takes its time', () => {
    /** What is asked about publications; all else is allowed at once. */
    let asked: { request: AuthorizationRequest; resolve(decision: Decision): void; reject(e: Error): void }[]

    const authorizer: Authorizer = {
      authorize(request) {
        if (request.action !== 'publish') return { allow: true }
        return new Promise((resolve, reject) => asked.push({ request, resolve, reject }))
      },
    }

    beforeEach(() => {
      asked = []
      const roles = { staff: [FREE] }
      open({ realms: [{ name: 'realm1', auth: [asTold], roles, authorizer }] }, 'mortal:mortals')
      watcher.subscribe('com.example.other')
    })

    async function allowed(topic: string, n: unknown): Promise<void> {
      mortal.call(addTestament, [topic, [n]])
      await turn()
      asked.shift()?.resolve({ allow: true })
      await turn()
      mortal.hears(Code.RESULT)
    }

    it('they are published in order when it has answered, whatever it answers first', async () => {
      await allowed(TOPIC, 1)
      await allowed('com.example.other', 2)
      await allowed(TOPIC, 3)
      mortal.leave()
      expect(heard()).toEqual([])
      // For each topic it is asked once.
      expect(asked.map(({ request }) => request.uri)).toEqual([TOPIC, 'com.example.other'])
      asked[1]?.resolve({ allow: true })
      await turn()
      expect(heard()).toEqual([])
      asked[0]?.resolve({ allow: true })
      await turn()
      expect(heard()).toEqual([[1], [2], [3]])
    })

    it('what it refuses, or cannot decide, is dropped, and the others are published', async () => {
      await allowed(TOPIC, 1)
      await allowed('com.example.other', 2)
      await allowed('com.example.third', 3)
      watcher.subscribe('com.example.third')
      mortal.leave()
      asked[0]?.reject(new Error('away'))
      asked[1]?.resolve({ allow: false })
      asked[2]?.resolve({ allow: true })
      await turn()
      expect(heard()).toEqual([[3]])
      expect(warned).toHaveLength(2)
      expect(failed).toEqual([['an authorizer failed', new Error('away')]])
    })

    it('they are published in the name of the session that left, not of the next on its transport', async () => {
      mortal.call(addTestament, [TOPIC, [1]], {}, asking)
      await turn()
      asked.shift()?.resolve({ allow: true })
      await turn()
      mortal.hears(Code.RESULT)
      const { sessionId } = mortal
      mortal.leave()
      mortal.join({ details: { authmethods: ['told'], authid: 'other:staff' } })
      mortal.subscribe(TOPIC)
      expect(asked[0]?.request).toMatchObject({ session: sessionId, authid: 'mortal', authrole: 'mortals' })
      asked[0]?.resolve({ allow: true })
      await turn()
      const details = { publisher: sessionId, publisher_authid: 'mortal', publisher_authrole: 'mortals' }
      expect(watcher.hears(Code.EVENT).details).toEqual(details)
      expect(mortal.hears(Code.EVENT).details).toEqual(details)
    })

    it('one that waits to be judged counts, and one that was refused does not', async () => {
      for (let n = 0; n < 100; n++) mortal.call(addTestament, [TOPIC, [n]])
      await turn()
      mortal.hearsNothing()
      const { error } = (await call(addTestament, [TOPIC])).hears(Code.ERROR)
      expect(error).toBe(ERROR.limitExceeded)
      asked[0]?.resolve({ allow: false })
      await turn()
      expect(mortal.hears(Code.ERROR).error).toBe(ERROR.notAuthorized)
      mortal.call(addTestament, [TOPIC])
      await turn()
      mortal.hearsNothing()
      expect(asked).toHaveLength(101)
    })

    it('one that was not judged when its session left is judged then', async () => {
      mortal.call(addTestament, [TOPIC, ['in haste']])
      await turn()
      mortal.transport.lose()
      expect(asked).toHaveLength(2)
      asked[1]?.resolve({ allow: true })
      await turn()
      expect(heard()).toEqual([['in haste']])
      asked[0]?.resolve({ allow: true })
      await turn()
      expect(heard()).toEqual([])
    })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the database is away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the database is away'))],
  ])(
    'an authorizer that %s: the session is told that nobody could decide, and the log why',
    async (_, fail) => {
      const authorizer: Authorizer = {
        authorize: ({ action }) => (action === 'publish' ? fail() : { allow: true }),
      }
      open({ realms: [{ name: 'realm1', auth: [asTold], authorizer }] })
      mortal.call(addTestament, [TOPIC])
      await turn()
      const { error, payload } = mortal.hears(Code.ERROR)
      expect(error).toBe(ERROR.authorizationFailed)
      expect(String(payload.args)).not.toMatch(/database/)
      expect(failed).toEqual([['an authorizer failed', new Error('the database is away')]])
      mortal.leave()
      expect(heard()).toEqual([])
    },
  )
})
