import { describe, expect, it } from 'vitest'
import { ApplicationError, CallResult, currentInvocation } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Interrupt } from '../../src/messages/rpc.js'
import { ERROR } from '../../src/uris.js'
import { turn, wire } from '../spec/fake-transport.js'
import { stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { Pair } from './pair.js'
import { serving } from './serving.js'

/** Calls, and gives the progressive results and the result. */
async function results(handler: (...args: never[]) => unknown): Promise<[unknown[], unknown]> {
  await using pair = await Pair.join()
  await pair.callee.register(PROCEDURE, handler)
  const progress: unknown[] = []
  const result = await pair.caller.call(PROCEDURE, [3], {}, { onProgress: (value) => progress.push(value) })
  return [progress, result]
}

describe('a generator that serves a procedure', () => {
  it.each<[string, (to: number) => unknown]>([
    [
      'synchronous',
      function* (to) {
        for (let i = 1; i < to; i++) yield i
        return to
      },
    ],
    [
      'asynchronous',
      async function* (to) {
        for (let i = 1; i < to; i++) {
          yield i
          await turn()
        }
        return to
      },
    ],
    [
      'returned by an async function',
      async (to) =>
        (function* () {
          for (let i = 1; i < to; i++) yield i
          return to
        })(),
    ],
    [
      'that yields promises',
      function* (to) {
        for (let i = 1; i < to; i++) yield Promise.resolve(i)
        return Promise.resolve(to)
      },
    ],
  ])(
    'sends what it yields as progressive results, and what it returns as the result: %s',
    async (_, handler) => {
      expect(await results(handler as (...args: never[]) => unknown)).toEqual([[1, 2], 3])
    },
  )

  it('may return nothing, and yield CallResults', async () => {
    const handler = function* () {
      yield new CallResult([1, 2])
      yield undefined
    }
    const several = new CallResult([1, 2], {}, { progress: true })
    expect(await results(handler)).toEqual([[several, undefined], undefined])
  })

  it('runs to its end for a caller that wants no progressive results, which gets the result alone', async () => {
    let yielded = 0
    const { router } = await serving(function* () {
      for (; yielded < 3; yielded++) yield yielded
      return 'end'
    })
    router.invoke(1)
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, {}, ['end']])
    expect(yielded).toBe(3)
  })

  it('has its invocation in currentInvocation(), also after it has yielded', async () => {
    const { router } = await serving(async function* () {
      const first = currentInvocation()
      yield first.procedure
      return currentInvocation() === first
    })
    router.invoke(1, [], { receive_progress: true })
    expect((await router.hears(Code.YIELD)).payload.args).toEqual([PROCEDURE])
    expect((await router.hears(Code.YIELD)).payload.args).toEqual([true])
  })

  it('that throws fails the call, after what it has yielded', async () => {
    const { router } = await serving(function* () {
      yield 1
      throw new ApplicationError('com.example.error', [2])
    })
    router.invoke(1, [], { receive_progress: true })
    expect((await router.hears(Code.YIELD)).options).toEqual({ progress: true })
    expect(await router.hears(Code.ERROR)).toMatchObject({ error: 'com.example.error' })
  })

  it.each<[string, (done: () => void) => () => unknown]>([
    [
      'synchronous',
      (done) =>
        function* () {
          try {
            yield () => {}
          } finally {
            done()
          }
        },
    ],
    [
      'asynchronous',
      (done) =>
        async function* () {
          try {
            yield () => {}
          } finally {
            done()
          }
        },
    ],
  ])('that yields what cannot be sent fails its call, and its finally blocks run: %s', async (_, make) => {
    let finished = false
    const { router, client } = await serving(
      make(() => {
        finished = true
      }),
    )
    router.invoke(1, [], { receive_progress: true })
    expect((await router.hears(Code.ERROR)).error).toBe(ERROR.runtimeError)
    await turn()
    expect(finished).toBe(true)
    expect(client.session).toBeDefined()
  })

  it('other iterables are values like any other', async () => {
    expect(await results(() => [1, 2, 3])).toEqual([[], [1, 2, 3]])
  })
})

describe('a generator that is interrupted', () => {
  function endless() {
    const seen: string[] = []
    const handler = async function* () {
      try {
        for (let i = 0; ; i++) {
          yield i
          await turn()
        }
      } finally {
        seen.push('finally')
      }
    }
    return { seen, handler }
  }

  it.each(['kill', 'killnowait'] as const)(
    'by %s runs its finally blocks, and sends no more',
    async (mode) => {
      const { seen, handler } = endless()
      const { router } = await serving(handler)
      const invocation = router.invoke(1, [], { receive_progress: true })
      await router.hears(Code.YIELD)
      router.say(new Interrupt(invocation, { mode }))
      router.transport.unread.splice(
        0,
        router.transport.unread.findIndex(({ code }) => code !== Code.YIELD),
      )
      if (mode === 'kill') expect((await router.hears(Code.ERROR)).error).toBe(ERROR.canceled)
      else router.transport.unread.length = 0
      await turn()
      expect(seen).toEqual(['finally'])
      await router.hearsNothing()
    },
  )

  it('has taken the signal: it answers when its finally blocks have run', async () => {
    const seen: string[] = []
    const { router } = await serving(async function* () {
      const { signal } = currentInvocation()
      try {
        for (;;) {
          yield 1
          await turn()
        }
      } finally {
        await turn()
        seen.push(`finally, aborted: ${signal.aborted}`)
      }
    })
    const invocation = router.invoke(1)
    await turn()
    router.say(new Interrupt(invocation, { mode: 'kill' }))
    const { error } = await router.hears(Code.ERROR)
    expect([error, seen]).toEqual([ERROR.canceled, ['finally, aborted: true']])
  })

  it('by the end of the session runs its finally blocks', async () => {
    const { seen, handler } = endless()
    const joined = await serving(handler)
    joined.router.invoke(1)
    await turn()
    await stop(joined)
    await turn()
    await turn()
    expect(seen).toEqual(['finally'])
  })

  it('by a caller that leaves its loop', async () => {
    const { seen, handler } = endless()
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, handler)
    for await (const value of pair.caller.stream<number>(PROCEDURE)) if (value === 2) break
    for (let turns = 0; seen.length === 0 && turns < 20; turns++) await turn()
    expect(seen).toEqual(['finally'])
  })

  it('whose finally blocks throw harms nobody', async () => {
    const { router, client, errors } = await serving(async function* () {
      try {
        for (;;) {
          yield 1
          await turn()
        }
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: it is what is tested
        throw new Error('in finally')
      }
    })
    router.say(new Interrupt(router.invoke(1), { mode: 'killnowait' }))
    await router.hearsNothing()
    expect([client.session !== undefined, errors]).toEqual([true, []])
  })
})
