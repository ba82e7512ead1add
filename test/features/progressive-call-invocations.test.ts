import { expect, it } from 'vitest'
import { CallResult, CanceledError, currentInvocation, UsageError } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { overEach } from './over-each.js'
import { failure, Heard, promised, readAll, settled } from './waiting.js'

const PROCEDURE = 'com.example.upload'
const IN_PARTS = { progressiveInvocations: true }

/** Reads all parts, and returns them. */
async function collect(parts: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const part of parts) seen.push(part)
  return seen
}

/** Yields one part, and then waits for ever; tells when it is over. */
function endless(...first: unknown[]) {
  const ended = promised()
  const parts = (async function* () {
    try {
      yield* first
      await new Promise<never>(() => {})
    } finally {
      ended.resolve()
    }
  })()
  return { parts, ended: ended.promise }
}

/** Yields numbers for as long as somebody takes them, and tells when it is over. */
function numbers() {
  const ended = promised<number>()
  const parts = (async function* () {
    let n = 0
    try {
      for (;;) yield n++
    } finally {
      ended.resolve(n)
    }
  })()
  return { parts, ended: ended.promise }
}

overEach('Progressive Call Invocations (rpc_progressive_call_invocations.md)', (open) => {
  it('the callee reads the parts in order; what a generator returns is the last', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, collect, IN_PARTS)
    async function* parts() {
      yield 1
      yield 2
      return 3
    }
    expect(await caller.call(PROCEDURE, parts())).toEqual([1, 2, 3])
  })

  it('a generator that returns nothing adds no part', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, collect, IN_PARTS)
    async function* parts() {
      yield 1
      yield 2
    }
    expect(await caller.call(PROCEDURE, parts())).toEqual([1, 2])
  })

  it('a part may be several values, keywords, a list, or nothing', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const read = promised<unknown[]>()
    await callee.register(PROCEDURE, async (parts) => read.resolve(await collect(parts)), IN_PARTS)
    async function* parts() {
      yield new CallResult([1, 2], { a: 3 })
      yield [4, 5]
      yield undefined
      yield null
      return new CallResult([], { b: 6 })
    }
    await caller.call(PROCEDURE, parts())
    const seen = await read.promise
    expect(seen[0]).toMatchObject({ args: [1, 2], kwargs: { a: 3 } })
    expect(seen.slice(1, 4)).toEqual([[4, 5], undefined, null])
    expect(seen[4]).toMatchObject({ args: [], kwargs: { b: 6 } })
  })

  it('keywords of the call go with its first part', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      async (parts) =>
        (await collect(parts)).map((part) => (part instanceof CallResult ? part.kwargs : part)),
      IN_PARTS,
    )
    async function* parts() {
      yield 1
      yield 2
    }
    expect(await caller.call(PROCEDURE, parts(), { name: 'a.txt' })).toEqual([{ name: 'a.txt' }, 2])
  })

  it('of a call in one part the callee reads that', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, collect, IN_PARTS)
    expect(await caller.call(PROCEDURE, ['whole'])).toEqual(['whole'])
    expect(await caller.call(PROCEDURE)).toEqual([])
    async function* none() {}
    expect(await caller.call(PROCEDURE, none())).toEqual([])
    // biome-ignore lint/correctness/useYield: its only part is the last
    async function* one() {
      return 'only'
    }
    expect(await caller.call(PROCEDURE, one())).toEqual(['only'])
  })

  it('any async iterable will do', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, collect, IN_PARTS)
    const stream = new ReadableStream({
      start(controller) {
        for (const part of ['a', 'b']) controller.enqueue(part)
        controller.close()
      },
    })
    expect(await caller.call(PROCEDURE, stream)).toEqual(['a', 'b'])
  })

  it('the callee reads and yields at the same time: each part waits for the result before it', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    async function* double(parts: AsyncIterable<number>) {
      for await (const part of parts) yield part * 2
      return 'end'
    }
    await callee.register(PROCEDURE, double, IN_PARTS)
    const results = new Heard<unknown>()
    async function* parts() {
      for (let n = 1; n <= 10; n++) {
        yield n
        await results.first(n)
      }
    }
    const { seen, error } = await readAll(
      (async function* () {
        for await (const result of caller.stream(PROCEDURE, parts())) {
          results.add(result)
          yield result
        }
      })(),
    )
    expect(error).toBeUndefined()
    expect(seen).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 'end'])
  })

  it('a callee that answers early ends the caller’s generator; what is under way is dropped', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      async (parts: AsyncIterable<number>) => {
        for await (const part of parts) if (part === 5) return 'enough'
        return 'all'
      },
      IN_PARTS,
    )
    for (let i = 0; i < 3; i++) {
      const { parts, ended } = numbers()
      expect(await caller.call(PROCEDURE, parts)).toBe('enough')
      expect(await ended).toBeGreaterThan(5)
    }
    await settled(caller, callee)
    expect(await caller.call(PROCEDURE, [5])).toBe('enough')
  })

  it('a callee that fails early ends the caller’s generator too', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      () => {
        throw new Error('no disk')
      },
      IN_PARTS,
    )
    const { parts, ended } = numbers()
    expect(await failure(caller.call(PROCEDURE, parts))).toMatchObject({
      uri: ERROR.runtimeError,
      args: ['no disk'],
    })
    await ended
    await settled(caller, callee)
    expect(callee.session).toBeDefined()
  })

  it('an error in the caller’s iterable cancels the call, and is what the caller gets', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const read = promised<{ seen: unknown[]; error: unknown }>()
    await callee.register(PROCEDURE, async (parts) => read.resolve(await readAll(parts)), IN_PARTS)
    const broken = new Error('the file cannot be read')
    async function* parts() {
      yield 1
      throw broken
    }
    expect(await failure(caller.call(PROCEDURE, parts()))).toBe(broken)
    expect(await read.promise).toMatchObject({ seen: [1], error: { name: 'CanceledError' } })
  })

  it('an error before the first part makes no call', async () => {
    await using place = await open()
    const caller = await place.join()
    const broken = new Error('there is no such file')
    // biome-ignore lint/correctness/useYield: it fails before it could
    async function* parts() {
      throw broken
    }
    expect(await failure(caller.call('com.example.nobody', parts()))).toBe(broken)
  })

  it('a part that cannot be sent cancels the call', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const read = promised<{ seen: unknown[]; error: unknown }>()
    await callee.register(PROCEDURE, async (parts) => read.resolve(await readAll(parts)), IN_PARTS)
    const ended = promised()
    async function* parts() {
      try {
        yield 1
        yield () => 'a function'
      } finally {
        ended.resolve()
      }
    }
    expect(await failure(caller.call(PROCEDURE, parts()))).toBeInstanceOf(UsageError)
    expect((await read.promise).error).toBeInstanceOf(CanceledError)
    await ended.promise
    expect(await caller.meta.session.count()).toBe(2)
  })

  it('a signal cancels the call: the reader hears of it, and the generator is left', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const controller = new AbortController()
    const started = promised()
    const read = promised<{ seen: unknown[]; error: unknown }>()
    await callee.register(
      PROCEDURE,
      async (parts) => {
        started.resolve()
        read.resolve(await readAll(parts))
      },
      IN_PARTS,
    )
    let left = false
    const never = promised<IteratorResult<number>>()
    let given = 0
    const parts: AsyncIterableIterator<number> = {
      next: () => (given++ === 0 ? Promise.resolve({ value: 1, done: false }) : never.promise),
      return: async () => {
        left = true
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
    const call = failure(caller.call(PROCEDURE, parts, {}, { signal: controller.signal }))
    await started.promise
    controller.abort('changed my mind')
    expect(await call).toMatchObject({ name: 'CanceledError', cause: 'changed my mind' })
    expect(await read.promise).toMatchObject({ seen: [1], error: { name: 'CanceledError' } })
    expect(left).toBe(true)
  })

  it('a signal that aborts before the first part makes no call', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    let calls = 0
    await callee.register(PROCEDURE, () => calls++, IN_PARTS)
    const controller = new AbortController()
    const { parts } = endless()
    const call = failure(caller.call(PROCEDURE, parts, {}, { signal: controller.signal }))
    controller.abort('before')
    expect(await call).toMatchObject({ name: 'CanceledError', cause: 'before' })
    await settled(caller, callee)
    expect(calls).toBe(0)
  })

  it('with the mode kill the reader is interrupted, and its answer waited for', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const controller = new AbortController()
    const started = promised()
    await callee.register(
      PROCEDURE,
      async (parts) => {
        started.resolve()
        const { seen } = await readAll(parts)
        return `kept ${seen.length}`
      },
      IN_PARTS,
    )
    const { parts } = endless('part')
    const options = { signal: controller.signal, cancelMode: 'kill' as const }
    const call = caller.call(PROCEDURE, parts, {}, options)
    await started.promise
    controller.abort()
    expect(await call).toBe('kept 1')
  })

  it('a callee without the option refuses a call in parts, and goes on', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    let calls = 0
    await callee.register(PROCEDURE, () => ++calls)
    const { parts, ended } = numbers()
    expect(await failure(caller.call(PROCEDURE, parts))).toMatchObject({ uri: ERROR.featureNotSupported })
    await ended
    await settled(caller, callee)
    expect(await caller.call(PROCEDURE)).toBe(1)
  })

  it('a procedure that nobody has registered ends the generator', async () => {
    await using place = await open()
    const caller = await place.join()
    const { parts, ended } = numbers()
    expect(await failure(caller.call(PROCEDURE, parts))).toMatchObject({ uri: ERROR.noSuchProcedure })
    await ended
    expect(await caller.meta.session.count()).toBe(1)
  })

  it('two calls whose parts are interleaved do not mix, and others go on between them', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, collect, IN_PARTS)
    await callee.register('com.example.echo', (value) => value)
    async function* parts(name: string) {
      for (let n = 0; n < 20; n++) {
        yield `${name}${n}`
        if (n % 3 === 0) expect(await caller.call('com.example.echo', [n])).toBe(n)
      }
    }
    const read = await Promise.all(['a', 'b', 'c'].map((name) => caller.call(PROCEDURE, parts(name))))
    const expected = (name: string) => Array.from({ length: 20 }, (_, n) => `${name}${n}`)
    expect(read).toEqual(['a', 'b', 'c'].map(expected))
  })

  it('all parts go to the callee that has the first, whatever the policy', async () => {
    await using place = await open()
    const [one, other, caller] = await place.joinAll('', '', '')
    for (const [name, callee] of Object.entries({ one, other }))
      await callee.register(PROCEDURE, async (parts) => [name, ...(await collect(parts))], {
        ...IN_PARTS,
        invoke: 'roundrobin',
      })
    async function* parts() {
      yield 1
      yield 2
      return 3
    }
    const answers = await Promise.all([1, 2].map(() => caller.call(PROCEDURE, parts())))
    expect(answers).toEqual([
      ['one', 1, 2, 3],
      ['other', 1, 2, 3],
    ])
  })

  it.each(['stops', 'loses its connection'])('a caller that %s ends the reading', async (way) => {
    await using place = await open()
    const callee = await place.join()
    const { client: caller, lose } = await place.joinLosable()
    const started = promised()
    const read = promised<{ seen: unknown[]; error: unknown }>()
    await callee.register(
      PROCEDURE,
      async (parts) => {
        started.resolve()
        read.resolve(await readAll(parts))
      },
      IN_PARTS,
    )
    const call = failure(caller.call(PROCEDURE, endless(1).parts))
    await started.promise
    if (way === 'stops') await caller.stop()
    else lose()
    expect(await read.promise).toMatchObject({ seen: [1], error: { name: 'CanceledError' } })
    expect(await call).toBeInstanceOf(Error)
  })

  it('a callee that leaves ends the call with wamp.error.canceled, and the generator', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const started = promised()
    await callee.register(
      PROCEDURE,
      () => {
        started.resolve()
        return new Promise(() => {})
      },
      IN_PARTS,
    )
    const { parts, ended } = numbers()
    const call = failure(caller.call(PROCEDURE, parts))
    await started.promise
    await callee.stop()
    expect(await call).toMatchObject({ uri: ERROR.canceled })
    await ended
    expect(await caller.meta.session.count()).toBe(1)
  })

  it('who calls is disclosed as the first part asked for', async () => {
    await using place = await open()
    const callee = await place.join()
    const caller = await place.joinAs('ada:engineer')
    await callee.register(
      PROCEDURE,
      async (parts) => {
        const { caller: disclosed } = currentInvocation()
        await collect(parts)
        return disclosed?.authid
      },
      IN_PARTS,
    )
    async function* parts() {
      yield 1
      yield 2
    }
    expect(await caller.call(PROCEDURE, parts(), {}, { discloseMe: true })).toBe('ada')
  })

  it.each(['dealer', 'caller'])('a part begins the time of the call again, at the %s', async (where) => {
    const [atRouter, atCaller] = [new TestClock(), new TestClock()]
    await using place = await open({ router: { clock: atRouter } })
    const callee = await place.join()
    const caller = await place.join({ clock: atCaller })
    const read = new Heard<unknown>()
    await callee.register(
      PROCEDURE,
      async (parts) => {
        for await (const part of parts) read.add(part)
        return 'done'
      },
      IN_PARTS,
    )
    async function* parts() {
      for (let n = 1; n <= 4; n++) {
        yield n
        await read.first(n)
        if (where === 'dealer') atRouter.pass(200)
        else atCaller.pass(200)
      }
    }
    expect(await caller.call(PROCEDURE, parts(), {}, { timeout: 250 })).toBe('done')
  })

  it('large parts arrive whole, and no more of them are taken than can leave', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      async (parts: AsyncIterable<string>) => {
        let octets = 0
        for await (const part of parts) octets += part.length
        return octets
      },
      IN_PARTS,
    )
    const part = 'x'.repeat(64 * 1024)
    async function* parts() {
      for (let n = 0; n < 64; n++) yield part
    }
    expect(await caller.call(PROCEDURE, parts())).toBe(64 * part.length)
  })
})
