import { expect, it } from 'vitest'
import { ApplicationError, type Client, currentInvocation, type InvocationPolicy } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { overEach } from './over-each.js'
import { failure, promised, readAll } from './waiting.js'

const PROCEDURE = 'com.example.work'

function unavailable(): never {
  throw new ApplicationError(ERROR.unavailable, ['too busy'])
}

/** Registers the procedure with each callee in turn; those in `busy` pass their calls on. Returns who was asked. */
async function share(
  callees: readonly Client[],
  invoke: InvocationPolicy,
  busy: readonly number[],
): Promise<number[]> {
  const asked: number[] = []
  for (const [i, callee] of callees.entries())
    await callee.register(
      PROCEDURE,
      () => {
        asked.push(i)
        return busy.includes(i) ? unavailable() : i
      },
      { invoke },
    )
  return asked
}

overEach('Call Re-Routing (rpc_call_rerouting.md)', (open) => {
  it('single: the caller gets wamp.error.no_available_callee', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await share([callee], 'single', [0])
    expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noAvailableCallee })
  })

  it.each<[InvocationPolicy, number[], number[]]>([
    ['roundrobin', [0], [0, 1]],
    ['roundrobin', [0, 1], [0, 1, 2]],
    ['first', [0], [0, 1]],
    ['first', [0, 1], [0, 1, 2]],
    ['last', [2], [2, 1]],
    ['last', [2, 1], [2, 1, 0]],
  ])('%s: while %j are busy, asks %j', async (policy, busy, expected) => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    const asked = await share([a, b, c], policy, busy)
    expect(await caller.call(PROCEDURE)).toBe(expected.at(-1))
    expect(asked).toEqual(expected)
  })

  it('random: asks each callee once at the most, until one can', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    const asked = await share([a, b, c], 'random', [0, 1])
    for (let i = 0; i < 20; i++) {
      expect(await caller.call(PROCEDURE)).toBe(2)
      expect(new Set(asked).size).toBe(asked.length)
      asked.length = 0
    }
  })

  it.each<InvocationPolicy>(['roundrobin', 'random', 'first', 'last'])(
    '%s: when nobody can, the caller gets wamp.error.no_available_callee',
    async (policy) => {
      await using place = await open()
      const [a, b, c, caller] = await place.joinAll('', '', '', '')
      const asked = await share([a, b, c], policy, [0, 1, 2])
      expect(await failure(caller.call(PROCEDURE))).toMatchObject({ uri: ERROR.noAvailableCallee })
      expect([...asked].sort()).toEqual([0, 1, 2])
    },
  )

  it('roundrobin: goes on after the callee that served', async () => {
    await using place = await open()
    const [a, b, c, caller] = await place.joinAll('', '', '', '')
    await share([a, b, c], 'roundrobin', [0])
    const served: unknown[] = []
    for (let i = 0; i < 4; i++) served.push(await caller.call(PROCEDURE))
    expect(served).toEqual([1, 2, 1, 2])
  })

  it('the other callee gets the same call: arguments, caller, and whether it streams', async () => {
    await using place = await open()
    const [busy, other] = await place.joinAll('', '')
    const caller = await place.joinAs('ada:engineer')
    await busy.register(PROCEDURE, unavailable, { invoke: 'first' })
    await other.register(
      PROCEDURE,
      (...args) => {
        const { caller: disclosed, receivesProgress } = currentInvocation()
        return [...args, disclosed?.authid, receivesProgress]
      },
      { invoke: 'first' },
    )
    const options = { discloseMe: true, onProgress: () => {} }
    const answer = await caller.call(PROCEDURE, [1, [2]], { a: 3 }, options)
    expect(answer).toEqual([1, [2], { a: 3 }, 'ada', true])
  })

  it('a rejected promise passes the call on as well', async () => {
    await using place = await open()
    const [busy, other, caller] = await place.joinAll('', '', '')
    await busy.register(PROCEDURE, async () => unavailable(), { invoke: 'first' })
    await other.register(PROCEDURE, () => 'other', { invoke: 'first' })
    expect(await caller.call(PROCEDURE)).toBe('other')
  })

  it('once the caller has had a progressive result, it gets the error itself', async () => {
    await using place = await open()
    const [busy, other, caller] = await place.joinAll('', '', '')
    await busy.register(
      PROCEDURE,
      function* () {
        yield 1
        unavailable()
      },
      { invoke: 'first' },
    )
    await other.register(PROCEDURE, () => 'other', { invoke: 'first' })
    const { seen, error } = await readAll(caller.stream(PROCEDURE))
    expect([seen, error]).toMatchObject([[1], { uri: ERROR.unavailable, args: ['too busy'] }])
  })

  it('a call that was canceled is not passed on', async () => {
    await using place = await open()
    const [busy, other, caller] = await place.joinAll('', '', '')
    const controller = new AbortController()
    const running = promised()
    let others = 0
    await busy.register(
      PROCEDURE,
      async () => {
        const { signal } = currentInvocation()
        running.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        unavailable()
      },
      { invoke: 'first' },
    )
    await other.register(PROCEDURE, () => others++, { invoke: 'first' })
    const call = failure(caller.call(PROCEDURE, [], {}, { signal: controller.signal, cancelMode: 'kill' }))
    await running.promise
    controller.abort()
    expect(await call).toBeInstanceOf(Error)
    expect(others).toBe(0)
  })

  it('the time of the call goes on, whoever serves it', async () => {
    const clock = new TestClock()
    await using place = await open({ router: { clock } })
    const [busy, other, caller] = await place.joinAll('', '', '')
    const [first, second] = [promised(), promised()]
    const release = promised()
    await busy.register(
      PROCEDURE,
      async () => {
        first.resolve()
        await release.promise
        unavailable()
      },
      { invoke: 'first' },
    )
    await other.register(
      PROCEDURE,
      () => {
        second.resolve()
        return new Promise(() => {})
      },
      { invoke: 'first' },
    )
    const call = failure(caller.call(PROCEDURE, [], {}, { timeout: 250 }))
    await first.promise
    clock.pass(200)
    release.resolve()
    await second.promise
    clock.pass(50)
    expect(await call).toMatchObject({ name: 'CanceledError', uri: ERROR.timeout })
  })
})
