import { expect, it } from 'vitest'
import type { Client } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, hear, promised, settled } from './waiting.js'

const PROCEDURE = 'com.example.work'

function idOf({ id }: { id: number | undefined }): number {
  return id ?? 0
}

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

overEach('Registration Revocation (rpc_registration_revocation.md)', (open) => {
  it('the realm takes a registration back: the callee is told, and nobody is served any more', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const registration = await callee.register(PROCEDURE, () => 1)
    const revoked = callee.once('revoke')
    expect(place.realm.revokeRegistration(idOf(registration), { reason: 'maintenance' })).toBe(1)
    expect(await revoked).toEqual({ role: 'callee', uri: PROCEDURE, reason: 'maintenance' })
    expect(registration.id).toBeUndefined()
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('without a reason none is told; what is not there is revoked from nobody', async () => {
    await using place = await open()
    const callee = await place.join()
    const registration = await callee.register(PROCEDURE, () => 1)
    const revoked = callee.once('revoke')
    const id = idOf(registration)
    expect(place.realm.revokeRegistration(4711)).toBe(0)
    expect(place.realm.revokeRegistration(id, { session: 4711 })).toBe(0)
    expect(place.realm.revokeRegistration(id)).toBe(1)
    expect(place.realm.revokeRegistration(id)).toBe(0)
    expect(await revoked).toEqual({ role: 'callee', uri: PROCEDURE, reason: undefined })
  })

  it('a client takes it back by removeCallee, from all or from one, and hears from how many', async () => {
    await using place = await open()
    const [a, b, c, admin] = await place.joinAll('', '', '', '')
    const registrations = []
    for (const callee of [a, b, c])
      registrations.push(await callee.register(PROCEDURE, () => sessionOf(callee), { invoke: 'first' }))
    const id = idOf(registrations[0] as never)
    const told: unknown[] = []
    for (const callee of [a, b, c])
      callee.on('revoke', ({ reason }) => told.push([sessionOf(callee), reason]))
    const { removeCallee, listCallees } = admin.meta.registration
    expect(await removeCallee(id, sessionOf(a), { reason: 'moved' })).toBe(1)
    expect(await listCallees(id)).toEqual([sessionOf(b), sessionOf(c)])
    expect(await admin.call(PROCEDURE)).toBe(sessionOf(b))
    expect(await removeCallee(id)).toBe(2)
    await settled(a, b, c)
    expect(told).toEqual([
      [sessionOf(a), 'moved'],
      [sessionOf(b), undefined],
      [sessionOf(c), undefined],
    ])
    expect(await failure(removeCallee(id))).toMatchObject({ uri: ERROR.noSuchRegistration })
  })

  it('calls under way go on', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const [running, release] = [promised(), promised()]
    const registration = await callee.register(PROCEDURE, async () => {
      running.resolve()
      await release.promise
      return 'done'
    })
    const call = caller.call(PROCEDURE)
    await running.promise
    place.realm.revokeRegistration(idOf(registration))
    await callee.once('revoke')
    release.resolve()
    expect(await call).toBe('done')
  })

  it('it is told of as of any other end: on_unregister, then on_delete', async () => {
    await using place = await open()
    const [callee, observer] = await place.joinAll('', '')
    const registration = await callee.register(PROCEDURE, () => 1)
    const id = idOf(registration)
    const heard = await hear(observer, 'wamp.registration.', { match: 'prefix' })
    place.realm.revokeRegistration(id)
    expect((await heard.first(2)).map(({ topic, args }) => [topic, ...args])).toEqual([
      ['wamp.registration.on_unregister', sessionOf(callee), id],
      ['wamp.registration.on_delete', sessionOf(callee), id],
    ])
  })

  it('the next session registers again, under the same handle', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const registration = await callee.register(PROCEDURE, () => 1)
    const revoked = callee.once('revoke')
    place.realm.revokeRegistration(idOf(registration))
    await revoked
    expect(callee.registrations).toEqual([registration])
    await callee.stop()
    await callee.start()
    expect(registration.id).toBeDefined()
    expect(await caller.call(PROCEDURE)).toBe(1)
    await registration.unregister()
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('a handle that was revoked can be given back: the next session does not register it', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const registration = await callee.register(PROCEDURE, () => 1)
    const revoked = callee.once('revoke')
    place.realm.revokeRegistration(idOf(registration))
    await revoked
    await registration.unregister()
    await callee.stop()
    await callee.start()
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('an unregister() that crosses the revocation has its way', async () => {
    await using place = await open()
    const callee = await place.join()
    const registration = await callee.register(PROCEDURE, () => 1)
    const unregistered = registration.unregister()
    place.realm.revokeRegistration(idOf(registration))
    await unregistered
    expect(callee.registrations).toEqual([])
    await callee.register(PROCEDURE, () => 2)
    expect(await callee.call(PROCEDURE)).toBe(2)
  })

  it('who registers again after a revocation has one registration, in this session and in the next', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const registration = await callee.register(PROCEDURE, () => 'old')
    const revoked = callee.once('revoke')
    place.realm.revokeRegistration(idOf(registration))
    await revoked
    await callee.register(PROCEDURE, () => 'new')
    expect(await caller.call(PROCEDURE)).toBe('new')
    await callee.stop()
    await callee.start()
    expect(await caller.call(PROCEDURE)).toBe('new')
  })

  it('what the router has registered itself stays', async () => {
    await using place = await open()
    const client = await place.join()
    for (const { id, procedure } of [...place.realm.dealer.registry.all()])
      if (procedure.startsWith('wamp.')) expect(place.realm.revokeRegistration(id)).toBe(0)
    expect(await client.meta.session.count()).toBe(1)
  })
})
