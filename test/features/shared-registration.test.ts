import { expect, it } from 'vitest'
import type { Client, InvocationPolicy } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure } from './waiting.js'

const PROCEDURE = 'com.example.work'

async function share(callees: readonly Client[], invoke: InvocationPolicy) {
  const registrations = []
  for (const [i, callee] of callees.entries())
    registrations.push(await callee.register(PROCEDURE, () => i, { invoke }))
  return registrations
}

async function served(caller: Client, calls: number): Promise<unknown[]> {
  const by: unknown[] = []
  for (let i = 0; i < calls; i++) by.push(await caller.call(PROCEDURE))
  return by
}

overEach('Shared Registration (rpc_shared_registration.md)', (open) => {
  it.each([undefined, 'single'] as const)('%s: a procedure has one callee', async (invoke) => {
    await using place = await open()
    const [one, other] = await place.joinAll('', '')
    const options = invoke === undefined ? {} : { invoke }
    await one.register(PROCEDURE, () => 1, options)
    for (const second of [options, { invoke: 'roundrobin' as const }]) {
      const error = await failure(other.register(PROCEDURE, () => 2, second))
      expect(error).toMatchObject({ uri: ERROR.procedureAlreadyExists })
    }
    expect(await other.call(PROCEDURE)).toBe(1)
  })

  it.each<InvocationPolicy>(['roundrobin', 'random', 'first', 'last'])(
    '%s: whoever says otherwise than the first callee is refused',
    async (invoke) => {
      await using place = await open()
      const [one, other] = await place.joinAll('', '')
      await one.register(PROCEDURE, () => 1, { invoke })
      for (const wrong of ['single', 'roundrobin', 'random', 'first', 'last'] as const) {
        if (wrong === invoke) continue
        const error = await failure(other.register(PROCEDURE, () => 2, { invoke: wrong }))
        expect(error).toMatchObject({ uri: ERROR.procedureAlreadyExists })
      }
      await other.register(PROCEDURE, () => 2, { invoke })
    },
  )

  it('all callees share one registration; one session has no two parts of it', async () => {
    await using place = await open()
    const [a, b, c] = await place.joinAll('', '', '')
    const ids = (await share([a, b, c], 'roundrobin')).map(({ id }) => id)
    expect(new Set(ids).size).toBe(1)
    expect(await a.meta.registration.listCallees(ids[0] ?? 0)).toEqual(
      [a, b, c].map(({ session }) => session?.id),
    )
    const twice = a.register(PROCEDURE, () => 'twice', { invoke: 'roundrobin' })
    expect(await failure(twice)).toMatchObject({ uri: ERROR.procedureAlreadyExists })
  })

  it('roundrobin: one after the other, in the order of registration', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c], 'roundrobin')
    expect(await served(caller, 7)).toEqual([0, 1, 2, 0, 1, 2, 0])
  })

  it('roundrobin: a callee that leaves takes no turn from the others', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c], 'roundrobin')
    expect(await served(caller, 2)).toEqual([0, 1])
    await a.stop()
    expect(await served(caller, 4)).toEqual([2, 1, 2, 1])
  })

  it('random: everybody, sooner or later', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c], 'random')
    expect(new Set(await served(caller, 200))).toEqual(new Set([0, 1, 2]))
  })

  it.each<[InvocationPolicy, number[]]>([
    ['first', [0, 1, 2]],
    ['last', [2, 1, 0]],
  ])('%s: the others stand by', async (policy, order) => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    const registrations = await share([a, b, c], policy)
    for (const i of order) {
      expect(await served(caller, 2)).toEqual([i, i])
      await registrations[i]?.unregister()
    }
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('when the last callee has gone, the next one chooses the policy', async () => {
    await using place = await open()
    const [one, other] = await place.joinAll('', '')
    const registration = await one.register(PROCEDURE, () => 1, { invoke: 'first' })
    await registration.unregister()
    await other.register(PROCEDURE, () => 2)
    expect(await one.call(PROCEDURE)).toBe(2)
  })

  it('a callee that comes back has its part again', async () => {
    await using place = await open()
    const [one, other, caller] = await place.joinAll('', '', '')
    await share([one, other], 'roundrobin')
    await one.stop()
    expect(await served(caller, 2)).toEqual([1, 1])
    await one.start()
    expect(new Set(await served(caller, 4))).toEqual(new Set([0, 1]))
  })
})
