import { describe, expect, it } from 'vitest'
import {
  CallResult,
  CanceledError,
  currentInvocation,
  SessionClosedError,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { wire } from '../spec/fake-transport.js'
import { joinedClient, stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'

const DEALER = announce({
  broker: [],
  dealer: ['progressive_call_invocations', 'progressive_call_results', 'call_canceling', 'call_timeout'],
})

/** An async iterable that gives what a test pushes, and tells whether anybody is still interested. */
class Parts implements AsyncIterable<unknown> {
  stopped = false
  #waiting: ((result: IteratorResult<unknown>) => void)[] = []
  #values: IteratorResult<unknown>[] = []

  push(value: unknown): void {
    this.#put({ done: false, value })
  }

  end(value?: unknown): void {
    this.#put({ done: true, value })
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return {
      next: () => {
        const value = this.#values.shift()
        return value === undefined
          ? new Promise((resolve) => this.#waiting.push(resolve))
          : Promise.resolve(value)
      },
      return: async () => {
        this.stopped = true
        this.end()
        return { done: true, value: undefined }
      },
    }
  }

  #put(result: IteratorResult<unknown>): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#values.push(result)
    else waiting(result)
  }
}

async function calling(options = {}) {
  const joined = await joinedClient({ routerRoles: DEALER })
  const parts = new Parts()
  const settled = joined.client.call(PROCEDURE, parts, undefined, options).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  return { ...joined, parts, settled }
}

describe('a call in parts (rpc_progressive_call_invocations.md)', () => {
  it('says each part when it is there, with one request id; the last, without progress, when there are no more', async () => {
    const joined = await calling()
    const { router, parts, settled } = joined
    await router.hearsNothing()
    parts.push(1)
    const first = await router.hears(Code.CALL)
    expect(wire(first)).toEqual([Code.CALL, 1, { progress: true }, PROCEDURE, [1]])
    await router.hearsNothing()
    parts.push(new CallResult([2, 3], { a: 4 }))
    expect(wire(await router.hears(Code.CALL))).toEqual([
      Code.CALL,
      1,
      { progress: true },
      PROCEDURE,
      [2, 3],
      { a: 4 },
    ])
    parts.end()
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 1, {}, PROCEDURE])
    router.result(1, ['sum'])
    expect(await settled).toEqual({ value: 'sum' })
    await stop(joined)
  })

  it('sends what a generator returns as the last part', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    async function* numbers() {
      yield 1
      return 2
    }
    const called = joined.client.call(PROCEDURE, numbers())
    expect((await joined.router.hears(Code.CALL)).payload.args).toEqual([1])
    expect(wire(await joined.router.hears(Code.CALL))).toEqual([Code.CALL, 1, {}, PROCEDURE, [2]])
    joined.router.result(1)
    await called
    await stop(joined)
  })

  it('is a call in one part if there are no more', async () => {
    const joined = await calling({ discloseMe: true })
    joined.parts.end('only')
    expect(wire(await joined.router.hears(Code.CALL))).toEqual([
      Code.CALL,
      1,
      { disclose_me: true },
      PROCEDURE,
      ['only'],
    ])
    joined.router.result(1)
    await joined.settled
    await stop(joined)
  })

  it('says its options and its keywords with the first part alone', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    const { router, client } = joined
    const parts = new Parts()
    const options = { timeout: 500, discloseMe: true, onProgress: () => {} }
    const called = client.call(PROCEDURE, parts, { name: 'x' }, options)
    parts.push(1)
    const first = await router.hears(Code.CALL)
    expect([first.options, first.payload.kwargs]).toEqual([
      { progress: true, timeout: 500, disclose_me: true, receive_progress: true },
      { name: 'x' },
    ])
    parts.end(2)
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 1, {}, PROCEDURE, [2]])
    router.result(1)
    await called
    await stop(joined)
  })

  it('lets other calls be made meanwhile', async () => {
    const joined = await calling()
    const { router, parts, client } = joined
    parts.push(1)
    await router.hears(Code.CALL)
    void client.call('com.example.other').catch(() => {})
    expect((await router.hears(Code.CALL)).requestId).toBe(2)
    parts.push(2)
    expect((await router.hears(Code.CALL)).requestId).toBe(1)
    await stop(joined)
  })

  it.each([
    ['a result', (router: { result(id: number, args: unknown[]): void }) => router.result(1, ['early'])],
    [
      'an error',
      (router: { fails(code: number, id: number, uri: string): void }) =>
        router.fails(Code.CALL, 1, 'com.example.no'),
    ],
  ])('stops taking parts when %s ends the call', async (_, end) => {
    const joined = await calling()
    const { router, parts, settled } = joined
    parts.push(1)
    await router.hears(Code.CALL)
    end(router)
    await settled
    expect(parts.stopped).toBe(true)
    parts.push(2)
    await router.hearsNothing()
    await stop(joined)
  })

  it('is canceled if its parts fail, and its caller hears why', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    const { router, client } = joined
    const failure = new Error('the file is gone')
    async function* broken() {
      yield 1
      throw failure
    }
    const called = client.call(PROCEDURE, broken()).catch((error: unknown) => error)
    await router.hears(Code.CALL)
    expect(wire(await router.hears(Code.CANCEL))).toEqual([Code.CANCEL, 1, { mode: 'killnowait' }])
    expect(await called).toBe(failure)
    router.fails(Code.CALL, 1, ERROR.canceled)
    await router.hearsNothing()
    await stop(joined)
  })

  it('is canceled if a part cannot be sent', async () => {
    const joined = await calling()
    const { router, parts, settled } = joined
    parts.push(1)
    await router.hears(Code.CALL)
    parts.push(() => {})
    expect((await router.hears(Code.CANCEL)).requestId).toBe(1)
    expect(await settled).toEqual({ error: expect.any(UsageError) })
    expect(parts.stopped).toBe(true)
    await stop(joined)
  })

  it('fails, and says nothing, if the first part fails or cannot be sent', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    const { client, router } = joined
    // biome-ignore lint/correctness/useYield: it fails before
    async function* broken() {
      throw new Error('no file')
    }
    await expect(client.call(PROCEDURE, broken())).rejects.toThrow('no file')
    async function* unsendable() {
      yield () => {}
    }
    await expect(client.call(PROCEDURE, unsendable())).rejects.toThrow(UsageError)
    await router.hearsNothing()
    await stop(joined)
  })

  it('does not wait for its first part when its signal aborts, nor later', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    const { client, router } = joined
    for (const said of [0, 1]) {
      const aborting = new AbortController()
      const parts = new Parts()
      const called = client.call(PROCEDURE, parts, undefined, { signal: aborting.signal })
      if (said === 1) {
        parts.push(1)
        await router.hears(Code.CALL)
      }
      aborting.abort()
      await expect(called).rejects.toThrow(CanceledError)
      expect(parts.stopped).toBe(true)
      if (said === 1) await router.hears(Code.CANCEL)
      parts.push(2)
      await router.hearsNothing()
    }
    await stop(joined)
  })

  it('fails when the session ends, and stops taking parts', async () => {
    const joined = await calling()
    joined.parts.push(1)
    await joined.router.hears(Code.CALL)
    joined.router.transport.lose()
    expect(await joined.settled).toHaveProperty('error')
    expect(joined.parts.stopped).toBe(true)
  })

  it('fails if there is no session, or there is none any more when the first part comes', async () => {
    const joined = await calling()
    await stop(joined)
    joined.parts.push(1)
    expect(await joined.settled).toEqual({ error: expect.any(SessionClosedError) })
    await expect(joined.client.call(PROCEDURE, new Parts())).rejects.toThrow(SessionClosedError)
  })

  it('is refused for a router that has not announced it', async () => {
    const joined = await joinedClient()
    await expect(joined.client.call(PROCEDURE, new Parts())).rejects.toThrow('progressive_call_invocations')
    await joined.router.hearsNothing()
    await stop(joined)
  })

  it('gives other work its turn, however fast its parts are there', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    let stopped = false
    async function* endless() {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        stopped = true
      }
    }
    const called = joined.client.call(PROCEDURE, endless())
    await joined.router.hears(Code.CALL)
    joined.router.result(1, ['enough'])
    expect(await called).toBe('enough')
    expect(stopped).toBe(true)
    joined.router.transport.unread.length = 0
    await stop(joined)
  })
})

describe('a procedure that reads parts', () => {
  async function serving(handler: (parts: AsyncIterable<unknown>) => unknown) {
    const joined = await joinedClient({ routerRoles: DEALER })
    const registering = joined.client.register(PROCEDURE, handler, { progressiveInvocations: true })
    await joined.router.registers(1)
    await registering
    const { router } = joined
    const part = (args: unknown[], details = {}) =>
      router.transport.sayWire([Code.INVOCATION, 1, 1, { progress: true, ...details }, args])
    const last = (args: unknown[] = []) => router.transport.sayWire([Code.INVOCATION, 1, 1, {}, args])
    return { ...joined, part, last }
  }

  async function all(parts: AsyncIterable<unknown>) {
    const seen: unknown[] = []
    for await (const part of parts) seen.push(part)
    return seen
  }

  it('gets each part, in order, and answers when the last has come', async () => {
    const joined = await serving(all)
    joined.part([1])
    joined.part([2, 3])
    joined.part([])
    await joined.router.hearsNothing()
    joined.last([4])
    const { payload } = await joined.router.hears(Code.YIELD)
    expect(payload.args).toEqual([[1, { args: [2, 3], kwargs: {}, details: { progress: true } }, null, 4]])
    await stop(joined)
  })

  it('gets no last part that says nothing, and the one part of a call that is in one', async () => {
    const joined = await serving(all)
    joined.part([1])
    joined.last()
    expect((await joined.router.hears(Code.YIELD)).payload.args).toEqual([[1]])
    joined.router.transport.sayWire([Code.INVOCATION, 2, 1, {}, ['whole']])
    expect((await joined.router.hears(Code.YIELD)).payload.args).toEqual([['whole']])
    joined.router.transport.sayWire([Code.INVOCATION, 3, 1, {}])
    expect((await joined.router.hears(Code.YIELD)).payload.args).toEqual([[]])
    await stop(joined)
  })

  it('may yield while it reads: streams both ways', async () => {
    const joined = await serving(async function* (parts) {
      for await (const part of parts) yield Number(part) * 2
      return 'end'
    })
    joined.part([1], { receive_progress: true })
    expect(wire(await joined.router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, { progress: true }, [2]])
    joined.part([2])
    expect(wire(await joined.router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, { progress: true }, [4]])
    joined.last()
    expect(wire(await joined.router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, {}, ['end']])
    await stop(joined)
  })

  it('may answer before the last part; those that follow are dropped', async () => {
    const joined = await serving(async (parts) => {
      for await (const part of parts) return part
    })
    joined.part(['first'])
    expect((await joined.router.hears(Code.YIELD)).payload.args).toEqual(['first'])
    joined.part(['late'])
    joined.last()
    await joined.router.hearsNothing()
    // The id may be one that a router has chosen at random, and may come again.
    joined.last(['new'])
    expect((await joined.router.hears(Code.YIELD)).payload.args).toEqual(['new'])
    await stop(joined)
  })

  it('is interrupted where it reads', async () => {
    let seen: unknown
    const joined = await serving(async (parts) => {
      try {
        return await all(parts)
      } catch (error) {
        seen = error
        throw error
      }
    })
    joined.part([1])
    joined.router.transport.sayWire([Code.INTERRUPT, 1, { mode: 'kill' }])
    expect((await joined.router.hears(Code.ERROR)).error).toBe(ERROR.canceled)
    expect(seen).toBeInstanceOf(CanceledError)
    await stop(joined)
  })

  it('does not take an interrupted call for a complete one', async () => {
    const outcomes: string[] = []
    const joined = await serving((parts) =>
      all(parts).then(
        () => outcomes.push('complete'),
        () => outcomes.push('interrupted'),
      ),
    )
    joined.part([1])
    joined.router.transport.sayWire([Code.INTERRUPT, 1, { mode: 'killnowait' }])
    await joined.router.hearsNothing()
    expect(outcomes).toEqual(['interrupted'])
    await stop(joined)
  })

  it('hears of the end of the session where it reads', async () => {
    let failed: unknown
    const joined = await serving((parts) =>
      all(parts).catch((error: unknown) => {
        failed = error
      }),
    )
    joined.part([1])
    joined.router.transport.lose()
    await joined.router.hearsNothing()
    expect(failed).toBeInstanceOf(Error)
  })

  it('has the details and keywords of the first part in its context', async () => {
    let context: unknown
    const joined = await serving((parts) => {
      const { kwargs, details } = currentInvocation()
      context = { kwargs, details }
      return all(parts)
    })
    joined.router.transport.sayWire([
      Code.INVOCATION,
      1,
      1,
      { progress: true, caller: 7 },
      [1],
      { name: 'x' },
    ])
    joined.last()
    await joined.router.hears(Code.YIELD)
    expect(context).toEqual({ kwargs: { name: 'x' }, details: { progress: true, caller: 7 } })
    await stop(joined)
  })

  it('a procedure that does not read parts refuses them, once', async () => {
    const joined = await joinedClient({ routerRoles: DEALER })
    const { router, client } = joined
    let called = 0
    const registering = client.register(PROCEDURE, () => {
      called++
    })
    await router.registers(1)
    await registering
    router.transport.sayWire([Code.INVOCATION, 1, 1, { progress: true }, [1]])
    router.transport.sayWire([Code.INVOCATION, 1, 1, { progress: true }, [2]])
    router.transport.sayWire([Code.INVOCATION, 1, 1, {}, [3]])
    const error = await router.hears(Code.ERROR)
    expect([error.error, called]).toEqual([ERROR.featureNotSupported, 0])
    expect(error.payload.args[0]).toMatch(/progressiveInvocations/)
    await router.hearsNothing()
    await stop(joined)
  })
})
