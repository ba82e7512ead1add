import { expect, it } from 'vitest'
import type { Client, SessionInfo } from '../../src/index.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, Heard, hear, settled } from './waiting.js'

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

const byId = (a: number, b: number) => a - b

function left(client: Client) {
  return client.once('leave')
}

overEach('Session Meta API (meta_api_sessions.md)', (open) => {
  it('count and list: all sessions, or those of some authroles', async () => {
    await using place = await open()
    const [ada, ann, bob, asking] = await place.joinAll('ada:engineer', 'ann:engineer', 'bob:guest', '')
    const { count, list } = asking.meta.session
    expect(await count()).toBe(4)
    expect(await count(['engineer'])).toBe(2)
    expect(await count(['engineer', 'guest', 'nobody'])).toBe(3)
    expect(await count([])).toBe(0)
    expect((await list()).sort(byId)).toEqual([ada, ann, bob, asking].map(sessionOf).sort(byId))
    expect((await list(['engineer'])).sort(byId)).toEqual([ada, ann].map(sessionOf).sort(byId))
    await bob.stop()
    expect(await count()).toBe(3)
  })

  it('get: who a session is', async () => {
    await using place = await open()
    const [ada, asking] = await place.joinAll('ada:engineer', '')
    const { get } = asking.meta.session
    expect(await get(sessionOf(ada))).toEqual({
      session: sessionOf(ada),
      authid: 'ada',
      authrole: 'engineer',
      authmethod: 'told',
      authprovider: 'static',
    })
    expect(await get(sessionOf(asking))).toMatchObject({ authmethod: 'anonymous', authrole: 'anonymous' })
    expect(await failure(get(4711))).toMatchObject({ uri: ERROR.noSuchSession })
  })

  it('on_join tells one dictionary, on_leave three values', async () => {
    await using place = await open()
    const observer = await place.join()
    const joins = new Heard<SessionInfo[]>()
    const leaves = new Heard<unknown[]>()
    await observer.meta.session.onJoin((...args: SessionInfo[]) => joins.add(args))
    await observer.meta.session.onLeave((...args) => leaves.add(args))
    const ada = await place.joinAs('ada:engineer')
    const session = sessionOf(ada)
    expect(await joins.first(1)).toEqual([
      [{ session, authid: 'ada', authrole: 'engineer', authmethod: 'told', authprovider: 'static' }],
    ])
    await ada.stop()
    expect(await leaves.first(1)).toEqual([[session, 'ada', 'engineer']])
  })

  it('on_leave is told of a connection that was lost', async () => {
    await using place = await open()
    const observer = await place.join()
    const { client, lose } = await place.joinLosable()
    const session = sessionOf(client)
    const leaves = new Heard<unknown>()
    await observer.meta.session.onLeave((id) => leaves.add(id))
    lose()
    expect(await leaves.first(1)).toEqual([session])
    expect(await observer.meta.session.count()).toBe(1)
  })

  it('kill: GOODBYE with the reason and the message that are given', async () => {
    await using place = await open()
    const [victim, killer] = await place.joinAll('', '')
    const leaving = left(victim)
    const options = { reason: 'com.example.maintenance', message: 'back at noon' }
    await killer.meta.session.kill(sessionOf(victim), options)
    const { reason, error } = await leaving
    expect(reason).toBe('com.example.maintenance')
    expect(error).toMatchObject({ name: 'SessionClosedError', reason })
    expect(error?.message).toContain('back at noon')
    expect(victim.session).toBeUndefined()
    expect(await killer.meta.session.count()).toBe(1)
  })

  it('kill: wamp.close.killed by default; who was killed may join again', async () => {
    await using place = await open()
    const [victim, killer] = await place.joinAll('', '')
    const leaving = left(victim)
    await killer.meta.session.kill(sessionOf(victim))
    expect((await leaving).reason).toBe(CLOSE.killed)
    await victim.start()
    expect(await killer.meta.session.count()).toBe(2)
  })

  it('kill: of what is no other session it is wamp.error.no_such_session', async () => {
    await using place = await open()
    const client = await place.join()
    for (const id of [4711, sessionOf(client)])
      expect(await failure(client.meta.session.kill(id))).toMatchObject({ uri: ERROR.noSuchSession })
    expect(client.session).toBeDefined()
  })

  it('killByAuthid: the list of those that were, without the caller', async () => {
    await using place = await open()
    const [one, two, killer, bob] = await place.joinAll('ada:a', 'ada:b', 'ada:c', 'bob:a')
    const leaving = [left(one), left(two)]
    const ids = [one, two].map(sessionOf).sort(byId)
    expect(
      (await killer.meta.session.killByAuthid('ada', { reason: 'com.example.gone' })).sort(byId),
    ).toEqual(ids)
    expect((await Promise.all(leaving)).map(({ reason }) => reason)).toEqual([
      'com.example.gone',
      'com.example.gone',
    ])
    expect([killer, bob].every(({ session }) => session !== undefined)).toBe(true)
    expect(await killer.meta.session.killByAuthid('nobody')).toEqual([])
  })

  it('killByAuthrole: how many were, without the caller', async () => {
    await using place = await open()
    const [one, two, killer] = await place.joinAll('ada:guest', 'bob:guest', 'cleo:guest')
    const leaving = [left(one), left(two)]
    expect(await killer.meta.session.killByAuthrole('guest')).toBe(2)
    expect((await Promise.all(leaving)).map(({ reason }) => reason)).toEqual([CLOSE.killed, CLOSE.killed])
    expect(await killer.meta.session.killByAuthrole('nobody')).toBe(0)
  })

  it('killAll: all others, and nobody is told who left', async () => {
    await using place = await open()
    const [one, two, killer] = await place.joinAll('', '', '')
    const leaves = await hear(killer, 'wamp.session.on_leave')
    const leaving = [left(one), left(two)]
    const options = { reason: 'com.example.over', message: 'good night' }
    expect(await killer.meta.session.killAll(options)).toBe(2)
    expect((await Promise.all(leaving)).map(({ reason }) => reason)).toEqual([
      'com.example.over',
      'com.example.over',
    ])
    await settled(killer)
    expect(leaves.values).toEqual([])
    expect(await killer.meta.session.killAll()).toBe(0)
  })

  it('what a killed session had registered and subscribed to is gone, and its callers are told', async () => {
    await using place = await open()
    const [victim, killer] = await place.joinAll('', '')
    await victim.register('com.example.p', () => new Promise(() => {}))
    await victim.subscribe('com.example.topic', () => {})
    const call = failure(killer.call('com.example.p'))
    await settled(killer)
    const leaving = left(victim)
    await killer.meta.session.kill(sessionOf(victim))
    expect(await call).toMatchObject({ uri: ERROR.canceled })
    await leaving
    expect(await killer.meta.registration.match('com.example.p')).toBe(null)
    expect(await killer.meta.subscription.match('com.example.topic')).toBe(null)
  })

  it.each(['no uri', '', 'com..a', 7 as never])('a reason %j is wamp.error.invalid_uri', async (reason) => {
    await using place = await open()
    const [other, killer] = await place.joinAll('ada:guest', '')
    const { kill, killByAuthid, killByAuthrole, killAll } = killer.meta.session
    for (const call of [
      kill(sessionOf(other), { reason }),
      killByAuthid('ada', { reason }),
      killByAuthrole('guest', { reason }),
      killAll({ reason }),
    ])
      expect(await failure(call)).toMatchObject({ uri: ERROR.invalidUri })
    expect(await killer.meta.session.count()).toBe(2)
  })

  it.each<[string, unknown[]]>([
    ['wamp.session.count', ['engineer']],
    ['wamp.session.list', [[1]]],
    ['wamp.session.get', []],
    ['wamp.session.get', ['ada']],
    ['wamp.session.kill', [{}]],
    ['wamp.session.kill_by_authid', [1]],
    ['wamp.session.kill_by_authrole', []],
  ])('%s of %j is wamp.error.invalid_argument', async (procedure, args) => {
    await using place = await open()
    const client = await place.join()
    expect(await failure(client.call(procedure, args))).toMatchObject({ uri: ERROR.invalidArgument })
  })

  it('is announced by broker and dealer', async () => {
    await using place = await open()
    const client = await place.join()
    expect(client.session?.details.roles).toMatchObject({
      broker: { features: { session_meta_api: true } },
      dealer: { features: { session_meta_api: true } },
    })
  })
})
