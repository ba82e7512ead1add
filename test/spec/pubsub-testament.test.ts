import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Payload } from '../../src/messages/payload.js'
import { Call } from '../../src/messages/rpc.js'
import { Router } from '../../src/router.js'
import { ERROR, META } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { asTold, joinAs } from './as-told.js'
import type { RawClient } from './raw-client.js'

const TOPIC = 'com.example.gone'
const { addTestament, flushTestaments } = META.session

let router: Router
let watcher: RawClient
let mortal: RawClient

beforeEach(() => {
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold] }], clock: new TestClock() })
  watcher = joinAs(router, 'watcher:staff')
  watcher.subscribe(TOPIC)
  mortal = joinAs(router, 'mortal:staff')
})

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
    expect((await call(addTestament, [TOPIC])).hears(Code.ERROR).error).toBe(ERROR.invalidArgument)
    mortal.leave()
    expect(heard()).toHaveLength(100)
  })
})
