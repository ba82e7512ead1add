import { expect, it } from 'vitest'
import type { Client } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, Heard, hear, settled } from './waiting.js'

const PROCEDURE = 'com.example.p'

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

overEach('Registration Meta API (meta_api_registrations.md)', (open) => {
  it('list: ids by how they match, without those of the router', async () => {
    await using place = await open()
    const [callee, asking] = await place.joinAll('', '')
    const { list } = asking.meta.registration
    expect(await list()).toEqual({ exact: [], prefix: [], wildcard: [] })
    const exact = await callee.register(PROCEDURE, () => 1)
    const prefix = await callee.register('com.', () => 1, { match: 'prefix' })
    const wildcard = await callee.register('com..p', () => 1, { match: 'wildcard' })
    expect(await list()).toEqual({ exact: [exact.id], prefix: [prefix.id], wildcard: [wildcard.id] })
    await exact.unregister()
    expect(await list()).toEqual({ exact: [], prefix: [prefix.id], wildcard: [wildcard.id] })
  })

  it('lookup: exactly this URI or pattern; null if there is none', async () => {
    await using place = await open()
    const [callee, asking] = await place.joinAll('', '')
    const { lookup } = asking.meta.registration
    const { id } = await callee.register('com.example', () => 1, { match: 'prefix' })
    expect(await lookup('com.example', { match: 'prefix' })).toBe(id)
    expect(await lookup('com.example')).toBe(null)
    expect(await lookup('com.example', { match: 'wildcard' })).toBe(null)
    expect(await lookup('com.example.p', { match: 'prefix' })).toBe(null)
  })

  it('match: the one that a call goes to; null if there is none', async () => {
    await using place = await open()
    const [callee, asking] = await place.joinAll('', '')
    const { match } = asking.meta.registration
    expect(await match(PROCEDURE)).toBe(null)
    const wildcard = await callee.register('com..p', () => 1, { match: 'wildcard' })
    expect(await match(PROCEDURE)).toBe(wildcard.id)
    const prefix = await callee.register('com.', () => 1, { match: 'prefix' })
    expect(await match(PROCEDURE)).toBe(prefix.id)
    const exact = await callee.register(PROCEDURE, () => 1)
    expect(await match(PROCEDURE)).toBe(exact.id)
    expect(await match('org.example')).toBe(null)
  })

  it('get, listCallees and countCallees tell of one registration', async () => {
    await using place = await open()
    const before = Date.now()
    const [one, other, asking] = await place.joinAll('', '', '')
    const options = { match: 'prefix', invoke: 'roundrobin' } as const
    const { id = 0 } = await one.register('com.', () => 1, options)
    await other.register('com.', () => 1, options)
    const { get, listCallees, countCallees } = asking.meta.registration
    const info = await get(id)
    expect(info).toEqual({ id, created: info.created, uri: 'com.', match: 'prefix', invoke: 'roundrobin' })
    expect(info.created).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(Date.parse(info.created)).toBeGreaterThanOrEqual(before)
    expect(await listCallees(id)).toEqual([sessionOf(one), sessionOf(other)])
    expect(await countCallees(id)).toBe(2)
    await one.stop()
    expect(await listCallees(id)).toEqual([sessionOf(other)])
    await other.stop()
    for (const call of [get(id), listCallees(id), countCallees(id)])
      expect(await failure(call)).toMatchObject({ uri: ERROR.noSuchRegistration })
  })

  it('on_create comes before on_register, and on_unregister before on_delete', async () => {
    await using place = await open()
    const [one, other, observer] = await place.joinAll('', '', '')
    const heard = await hear(observer, 'wamp.registration.', { match: 'prefix' })
    const options = { invoke: 'first' } as const
    const first = await one.register(PROCEDURE, () => 1, options)
    const { id = 0 } = first
    const info = await observer.meta.registration.get(id)
    await other.register(PROCEDURE, () => 2, options)
    await first.unregister()
    const session = sessionOf(other)
    await other.stop()
    expect((await heard.first(6)).map(({ topic, args }) => [topic, ...args])).toEqual([
      ['wamp.registration.on_create', sessionOf(one), info],
      ['wamp.registration.on_register', sessionOf(one), id],
      ['wamp.registration.on_register', session, id],
      ['wamp.registration.on_unregister', sessionOf(one), id],
      ['wamp.registration.on_unregister', session, id],
      ['wamp.registration.on_delete', session, id],
    ])
  })

  it('each event has a function of its own', async () => {
    await using place = await open()
    const [callee, observer] = await place.joinAll('', '')
    const heard = new Heard<unknown[]>()
    const { onCreate, onRegister, onUnregister, onDelete } = observer.meta.registration
    await onCreate((session, { uri }) => heard.add(['create', session, uri]))
    await onRegister((session, id) => heard.add(['register', session, id]))
    await onUnregister((session, id) => heard.add(['unregister', session, id]))
    await onDelete((session, id) => heard.add(['delete', session, id]))
    const registration = await callee.register(PROCEDURE, () => 1)
    const { id } = registration
    await registration.unregister()
    const session = sessionOf(callee)
    expect(await heard.first(4)).toEqual([
      ['create', session, PROCEDURE],
      ['register', session, id],
      ['unregister', session, id],
      ['delete', session, id],
    ])
  })

  it('a registration that is refused is not told of; a callee that is lost is', async () => {
    await using place = await open()
    const [callee, observer] = await place.joinAll('', '')
    const { client, lose } = await place.joinLosable()
    await callee.register(PROCEDURE, () => 1)
    const heard = await hear(observer, 'wamp.registration.', { match: 'prefix' })
    await failure(client.register(PROCEDURE, () => 2))
    await settled(observer)
    expect(heard.values).toEqual([])
    await client.register('com.example.other', () => 2)
    lose()
    expect((await heard.first(4)).map(({ topic }) => topic.split('.').at(-1))).toEqual([
      'on_create',
      'on_register',
      'on_unregister',
      'on_delete',
    ])
  })

  it('what the router has registered itself is not told of', async () => {
    await using place = await open()
    const client = await place.join()
    const { lookup, match, get } = client.meta.registration
    expect(await lookup('wamp.session.count')).toBe(null)
    expect(await match('wamp.session.count')).toBe(null)
    const own = [...place.realm.dealer.registry.all()].find(({ procedure }) => procedure.startsWith('wamp.'))
    expect(await failure(get(own?.id ?? 0))).toMatchObject({ uri: ERROR.noSuchRegistration })
  })

  it.each<[string, unknown[]]>([
    ['lookup', []],
    ['lookup', [PROCEDURE, { match: 'glob' }]],
    ['match', [7]],
    ['get', ['7']],
    ['get', [0]],
    ['list_callees', []],
    ['count_callees', [null]],
    ['remove_callee', [{}]],
  ])('%s of %j is wamp.error.invalid_argument', async (name, args) => {
    await using place = await open()
    const client = await place.join()
    const error = await failure(client.call(`wamp.registration.${name}`, args))
    expect(error).toMatchObject({ uri: ERROR.invalidArgument })
  })
})
