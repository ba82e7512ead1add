import { expect, it } from 'vitest'
import { ApplicationError, type Client, type RegisterOptions } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure } from './waiting.js'

const PROCEDURE = 'com.example.records'
const KEYS = Array.from({ length: 40 }, (_, n) => `record-${n}`)

async function share(callees: readonly Client[], options: (i: number) => RegisterOptions = () => ({})) {
  for (const [i, callee] of callees.entries())
    await callee.register(PROCEDURE, () => i, { invoke: 'roundrobin', ...options(i) })
}

/** Who serves each key. */
async function served(caller: Client): Promise<Record<string, number>> {
  const by = KEYS.map(async (rkey) => [rkey, await caller.call(PROCEDURE, [], {}, { rkey })] as const)
  return Object.fromEntries(await Promise.all(by)) as Record<string, number>
}

overEach('Sharded Registration (rpc_sharded_registration.md)', (open) => {
  it('one key finds one callee, whoever calls and however often; all callees have some', async () => {
    await using place = await open()
    const [a, b, c, one, other] = await place.joinAll('', '', '', '', '')
    await share([a, b, c])
    const first = await served(one)
    expect(await served(one)).toEqual(first)
    expect(await served(other)).toEqual(first)
    expect(new Set(Object.values(first))).toEqual(new Set([0, 1, 2]))
  })

  it('when a callee leaves, only its own keys move', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c])
    const before = await served(caller)
    await b.stop()
    const after = await served(caller)
    for (const key of KEYS) {
      if (before[key] === 1) expect([0, 2]).toContain(after[key])
      else expect(after[key]).toBe(before[key])
    }
  })

  it('with an nkey a callee has the same keys again in its next session', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c], (i) => ({ nkey: `node-${i}` }))
    const before = await served(caller)
    await b.stop()
    expect(await served(caller)).not.toEqual(before)
    await b.start()
    expect(await served(caller)).toEqual(before)
  })

  it('the keys of a node do not depend on the order in which they register', async () => {
    const found: Record<string, number>[] = []
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ]) {
      await using place = await open()
      const clients = await place.joinAll('', '', '', '')
      for (const i of order)
        await clients[i]?.register(PROCEDURE, () => i, { invoke: 'random', nkey: `node-${i}` })
      found.push(await served(clients[3]))
    }
    expect(found[1]).toEqual(found[0])
  })

  it('a call without a key goes by the policy', async () => {
    await using place = await open()
    const [a, b, caller] = await place.joinAll('', '', '')
    await share([a, b])
    expect([await caller.call(PROCEDURE), await caller.call(PROCEDURE)]).toEqual([0, 1])
  })

  it('the only callee of a procedure that is not shared has all keys', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => 'me')
    expect(new Set(Object.values(await served(caller)))).toEqual(new Set(['me']))
  })

  it('a key goes through patterns as well', async () => {
    await using place = await open()
    const [a, b, caller] = await place.joinAll('', '', '')
    for (const [i, callee] of [a, b].entries())
      await callee.register('com.', () => i, { match: 'prefix', invoke: 'roundrobin' })
    expect(await served(caller)).toEqual(await served(caller))
  })

  it('a callee that cannot has its calls served by another, the same for each key', async () => {
    await using place = await open()
    const [busy, b, c, caller] = await place.joinAll('', '', '', '')
    await busy.register(
      PROCEDURE,
      () => {
        throw new ApplicationError(ERROR.unavailable)
      },
      { invoke: 'roundrobin' },
    )
    await share([b, c])
    const first = await served(caller)
    expect(await served(caller)).toEqual(first)
    expect(new Set(Object.values(first))).toEqual(new Set([0, 1]))
  })

  it('all parts of a call in parts go where its key belongs', async () => {
    await using place = await open()
    const [a, b, caller] = await place.joinAll('', '', '')
    for (const [i, callee] of [a, b].entries()) {
      const handler = async (parts: AsyncIterable<unknown>) => {
        let count = 0
        for await (const _ of parts) count++
        return [i, count]
      }
      const options = { invoke: 'roundrobin', progressiveInvocations: true } as const
      await callee.register('com.example.upload', handler, options)
    }
    async function* parts() {
      yield 1
      yield 2
    }
    const upload = () => caller.call('com.example.upload', parts(), {}, { rkey: 'record-1' })
    const first = await upload()
    expect(first).toMatchObject({ 1: 2 })
    expect(await upload()).toEqual(first)
  })

  it.each([
    ['a partitioned call without a key', { runmode: 'partition' }, ERROR.invalidArgument],
    ['a call to all, which the spec does not describe', { runmode: 'all' }, ERROR.featureNotSupported],
  ])('%s is refused', async (_, extra, uri) => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => 'me')
    expect(await failure(caller.call(PROCEDURE, [], {}, { extra }))).toMatchObject({ uri })
    expect(await caller.call(PROCEDURE)).toBe('me')
  })
})
