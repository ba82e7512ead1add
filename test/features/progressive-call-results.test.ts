import { expect, it } from 'vitest'
import { ApplicationError, CallResult, currentInvocation, type InvocationContext } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { overEach } from './over-each.js'
import { failure, promised, readAll, settled } from './waiting.js'

const PROCEDURE = 'com.example.count'

async function* count(to: number) {
  for (let n = 1; n < to; n++) yield n
  return to
}

overEach('Progressive Call Results (rpc_progressive_call_results.md)', (open) => {
  it('a generator yields progressive results, and returns the final one', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, count)
    expect(await readAll(caller.stream(PROCEDURE, [4]))).toEqual({ seen: [1, 2, 3, 4], error: undefined })
  })

  it('a caller with onProgress has each of them before the final one', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, count)
    const seen: unknown[] = []
    const last = await caller.call(PROCEDURE, [4], undefined, { onProgress: (value) => seen.push(value) })
    expect([seen, last]).toEqual([[1, 2, 3], 4])
  })

  it('a caller that does not ask gets the final result alone, and the callee knows', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const told: unknown[] = []
    await callee.register(PROCEDURE, () => {
      const invocation = currentInvocation()
      told.push(invocation.receivesProgress, invocation.progress(1))
      return 'done'
    })
    expect(await caller.call(PROCEDURE)).toBe('done')
    expect(told).toEqual([false, false])
  })

  it('a progressive result may be nothing, a list, several values or keywords; details say what it is', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, function* () {
      yield undefined
      yield [1, 2]
      yield new CallResult([1, 2], { a: 3 })
    })
    const seen: CallResult[] = []
    const onProgress = (value: unknown) => seen.push(value as CallResult)
    const final = await caller.call(PROCEDURE, [], {}, { onProgress, details: true })
    expect(seen.map(({ args, kwargs, details }) => [args, kwargs, details.progress])).toEqual([
      [[], {}, true],
      [[[1, 2]], {}, true],
      [[1, 2], { a: 3 }, true],
    ])
    expect(final).toEqual(new CallResult([], {}, {}))
  })

  it('an ERROR ends the stream after what came before', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, function* () {
      yield 1
      throw new ApplicationError('com.example.error.worn_out', ['at 1'], { kwargs: { at: 1 } })
    })
    const { seen, error } = await readAll(caller.stream(PROCEDURE))
    expect(seen).toEqual([1])
    expect(error).toMatchObject({ uri: 'com.example.error.worn_out', args: ['at 1'], kwargs: { at: 1 } })
  })

  it('nothing comes after the final result', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const running = promised<InvocationContext>()
    await callee.register(PROCEDURE, () => {
      running.resolve(currentInvocation())
      return 'final'
    })
    const seen: unknown[] = []
    expect(await caller.call(PROCEDURE, [], {}, { onProgress: (value) => seen.push(value) })).toBe('final')
    expect((await running.promise).progress('late')).toBe(false)
    await settled(callee, caller)
    expect(seen).toEqual([])
  })

  it('a burst arrives whole and in order', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => {
      const invocation = currentInvocation()
      for (let n = 0; n < 500; n++) invocation.progress(n)
    })
    const { seen } = await readAll(caller.stream<number>(PROCEDURE))
    expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  it('the results of two calls do not mix', async () => {
    await using place = await open()
    const [callee, one, other] = await place.joinAll('', '', '')
    await callee.register(PROCEDURE, async function* (name: string) {
      for (let n = 0; n < 20; n++) yield `${name}${n}`
    })
    const streams = [
      one.stream(PROCEDURE, ['a']),
      one.stream(PROCEDURE, ['b']),
      other.stream(PROCEDURE, ['c']),
    ]
    const read = await Promise.all(streams.map((stream) => readAll(stream)))
    const expected = (name: string) => Array.from({ length: 20 }, (_, n) => `${name}${n}`)
    expect(read.map(({ seen }) => seen)).toEqual(['a', 'b', 'c'].map(expected))
  })

  it('a loop that is left interrupts the callee', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const ended = promised()
    await callee.register(PROCEDURE, async function* () {
      const { signal } = currentInvocation()
      try {
        yield 1
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        yield 2
      } finally {
        ended.resolve()
      }
    })
    for await (const value of caller.stream(PROCEDURE)) {
      expect(value).toBe(1)
      break
    }
    await ended.promise
  })

  it.each(['stops', 'loses its connection'])('a caller that %s has the callee interrupted', async (way) => {
    await using place = await open()
    const callee = await place.join()
    const { client: caller, lose } = await place.joinLosable()
    const ended = promised<unknown>()
    await callee.register(PROCEDURE, async function* () {
      const { signal } = currentInvocation()
      signal.addEventListener('abort', () => ended.resolve(signal.reason))
      for (let n = 0; ; n++) {
        yield n
        await settled(callee)
      }
    })
    const stream = caller.stream(PROCEDURE)
    await stream.next()
    if (way === 'stops') await caller.stop()
    else lose()
    expect(await ended.promise).toMatchObject({ name: 'CanceledError', uri: ERROR.canceled })
    expect((await readAll(stream)).error).toMatchObject({
      name: way === 'stops' ? 'SessionClosedError' : 'TransportError',
    })
  })

  it('a callee that leaves ends the stream with wamp.error.canceled', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, async function* () {
      yield 1
      await new Promise(() => {})
    })
    const stream = caller.stream(PROCEDURE)
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    await callee.stop()
    expect(await failure(stream.next())).toMatchObject({ uri: ERROR.canceled })
  })

  it('a timeout counts from one result to the next, at the dealer and at the caller', async () => {
    const [atRouter, atCaller] = [new TestClock(), new TestClock()]
    await using place = await open({ router: { clock: atRouter } })
    const callee = await place.join()
    const caller = await place.join({ clock: atCaller })
    const running = promised<InvocationContext>()
    await callee.register(PROCEDURE, () => {
      running.resolve(currentInvocation())
      return new Promise(() => {})
    })
    const stream = caller.stream<number>(PROCEDURE, [], {}, { timeout: 250 })
    const invocation = await running.promise
    for (const n of [1, 2, 3]) {
      atRouter.pass(200)
      atCaller.pass(200)
      invocation.progress(n)
      expect(await stream.next()).toEqual({ done: false, value: n })
    }
    atRouter.pass(250)
    expect(await failure(stream.next())).toMatchObject({ name: 'CanceledError', uri: ERROR.timeout })
  })
})
