import { describe, expect, it } from 'vitest'
import { ApplicationError, CanceledError, Client, type ErrorClass, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { ERROR } from '../../src/uris.js'
import { wire } from '../spec/fake-transport.js'
import { joinedClient } from '../spec/raw-router.js'
import { calling, PROCEDURE } from './calling.js'
import { Pair } from './pair.js'

/** The ERROR that a client answers an invocation with when its handler throws this. */
async function answerTo(thrown: unknown, errors: Record<string, ErrorClass> = {}): Promise<unknown[]> {
  const { client, router } = await joinedClient({ errors })
  client.register(PROCEDURE, () => {
    throw thrown
  })
  await router.registers(1)
  const invocation = router.invoke(1)
  const [, , requestId, ...answer] = wire(await router.hears(Code.ERROR))
  expect(requestId).toBe(invocation)
  expect(client.session).toBeDefined()
  return answer
}

class Base extends Error {}

class Refused extends Base {
  constructor(
    readonly item: string,
    readonly count: number,
  ) {
    super(`no ${item}`)
  }
  get args() {
    return [this.item, this.count]
  }
}

describe('what a handler throws', () => {
  it('keeps URI, args, kwargs and details if it is an ApplicationError', async () => {
    const error = new ApplicationError('com.example.error', [1, 'two'], {
      kwargs: { a: 1 },
      details: { _hint: 'x' },
    })
    expect(await answerTo(error)).toEqual([{ _hint: 'x' }, 'com.example.error', [1, 'two'], { a: 1 }])
  })

  it.each<[string, unknown, unknown[]]>([
    ['an Error', new Error('it broke'), ['it broke']],
    ['a TypeError', new TypeError('not a function'), ['not a function']],
    ['an Error without a message', new Error(), ['']],
    ['a string', 'it broke', ['it broke']],
    ['a long string', 'x'.repeat(100), ['x'.repeat(100)]],
    ['a number', 42, ['42']],
    ['nothing', undefined, ['nothing']],
    ['null', null, ['null']],
    ['an object', { code: 1 }, ['a dictionary']],
    ['an object without a prototype', Object.create(null), ['a dictionary']],
    ['a symbol', Symbol('s'), ['Symbol(s)']],
  ])('becomes runtime_error with its message and no stack: %s', async (_, thrown, args) => {
    expect(await answerTo(thrown)).toEqual([{}, ERROR.runtimeError, args])
  })

  it('becomes runtime_error if its URI is none', async () => {
    expect(await answerTo(new ApplicationError('not a uri'))).toEqual([{}, ERROR.runtimeError, ['not a uri']])
    const nothing = new ApplicationError(undefined as unknown as string, [1])
    expect((await answerTo(nothing))[1]).toBe(ERROR.runtimeError)
  })

  it('is told to the caller, if it cannot be sent, in words', async () => {
    const [details, uri, args] = await answerTo(new ApplicationError('com.example.error', [() => {}]))
    expect([details, uri]).toEqual([{}, 'com.example.error'])
    expect(args).toEqual([expect.stringContaining('cannot be sent')])
  })

  it('is told without its details, if those cannot be sent', async () => {
    const error = new ApplicationError('com.example.error', [1], { details: { _f() {} } })
    expect((await answerTo(error)).slice(0, 2)).toEqual([{}, 'com.example.error'])
  })

  it('leaves under the URI that its class is bound to', async () => {
    const errors = { 'com.example.error.refused': Refused }
    expect(await answerTo(new Refused('tea', 2), errors)).toEqual([
      {},
      'com.example.error.refused',
      ['tea', 2],
    ])
  })

  it('leaves with its message if its class is bound and it has no args', async () => {
    const errors = { 'com.example.error.base': Base }
    expect(await answerTo(new Base('so what'), errors)).toEqual([{}, 'com.example.error.base', ['so what']])
  })

  it('leaves under the URI of the nearest class, in whichever order they were bound', async () => {
    const errors = { 'com.example.error.base': Base, 'com.example.error.refused': Refused }
    expect((await answerTo(new Refused('tea', 2), errors))[1]).toBe('com.example.error.refused')
    class Derived extends Base {}
    expect((await answerTo(new Derived('d'), errors))[1]).toBe('com.example.error.base')
  })

  it('passes on what it was told itself by somebody it called', async () => {
    await using pair = await Pair.join()
    await pair.caller.register('com.example.inner', () => {
      throw new ApplicationError('com.example.error.inner', [7])
    })
    await pair.callee.register(PROCEDURE, () => pair.callee.call('com.example.inner'))
    await expect(pair.caller.call(PROCEDURE)).rejects.toMatchObject({
      uri: 'com.example.error.inner',
      args: [7],
    })
  })

  it('passes on that a call of its own was canceled or timed out', async () => {
    expect(await answerTo(new CanceledError(ERROR.timeout, 'too slow'))).toEqual([
      {},
      ERROR.timeout,
      [`${ERROR.timeout}: too slow`],
    ])
  })
})

describe('the error of a call', () => {
  /** What a call rejects with when the router answers with this ERROR. */
  async function rejection(tail: [string, unknown[]?, object?], errors: Record<string, ErrorClass> = {}) {
    const { router, settled, requestId, client } = await calling({}, { errors })
    router.fails(Code.CALL, requestId, tail[0], tail[1], tail[2] as never)
    const { error } = (await settled) as { error: Error & Record<string, unknown> }
    expect(client.session).toBeDefined()
    return error
  }

  it('is an ApplicationError with URI, args and kwargs, whose message begins with the URI', async () => {
    const error = await rejection(['com.example.error', ['it broke', 1], { a: 1 }])
    expect(error).toBeInstanceOf(ApplicationError)
    expect(error).toMatchObject({ uri: 'com.example.error', args: ['it broke', 1], kwargs: { a: 1 } })
    expect(error.message).toBe('com.example.error: it broke')
  })

  it('tells of canceled in either spelling, which is no CanceledError unless this side canceled', async () => {
    for (const uri of [ERROR.canceled, ERROR.cancelled])
      expect(await rejection([uri])).toMatchObject({ name: 'ApplicationError', uri })
  })

  it('is of the class that its URI is bound to, and its cause is the error as it came', async () => {
    const error = await rejection(['com.example.refused', ['tea', 2]], { 'com.example.refused': Refused })
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({ item: 'tea', count: 2, message: 'no tea' })
    expect(error.cause).toMatchObject({ uri: 'com.example.refused', args: ['tea', 2] })
  })

  it('is made by fromError, if the class has that', async () => {
    class Custom extends Error {
      static fromError(error: ApplicationError) {
        return new Custom(`${error.kwargs.a}`, { cause: error })
      }
    }
    const error = await rejection(['com.example.custom', [], { a: 5 }], { 'com.example.custom': Custom })
    expect(error).toBeInstanceOf(Custom)
    expect(error.message).toBe('5')
  })

  it('is the error as it came if its class cannot be made of it', async () => {
    class Picky extends Error {
      constructor(detail: { deep: { value: string } }) {
        super(detail.deep.value)
      }
    }
    const error = await rejection(['com.example.picky', ['text']], { 'com.example.picky': Picky })
    expect(error).toMatchObject({ name: 'ApplicationError', uri: 'com.example.picky', args: ['text'] })
  })

  it('crosses from callee to caller and stays of its class', async () => {
    await using pair = await Pair.join({ errors: { 'com.example.refused': Refused } })
    await pair.callee.register(PROCEDURE, () => {
      throw new Refused('tea', 2)
    })
    await expect(pair.caller.call(PROCEDURE)).rejects.toThrow(Refused)
    await expect(pair.caller.call(PROCEDURE)).rejects.toMatchObject({ item: 'tea', count: 2 })
  })

  it('a class is bound to a URI later too, but not to what is none', async () => {
    const { client, router } = await joinedClient()
    client.bindError('com.example.refused', Refused)
    const call = client.call(PROCEDURE)
    await router.hears(Code.CALL)
    router.fails(Code.CALL, 1, 'com.example.refused', ['tea', 2])
    await expect(call).rejects.toThrow(Refused)
    expect(() => client.bindError('not a uri', Refused)).toThrow(UsageError)
    expect(() => new Client({ realm: 'realm1', url: 'ws://x', errors: { '': Refused } })).toThrow(UsageError)
  })
})
