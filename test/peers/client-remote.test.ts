import { describe, expect, it } from 'vitest'
import {
  ApplicationError,
  CallResult,
  Client,
  kwargs,
  type RemoteProcedure,
  UsageError,
} from '../../src/index.js'
import { joinedClient } from '../spec/raw-router.js'
import { Pair } from './pair.js'

describe('procedures that look like methods', () => {
  it('rpc calls any dotted URI, with keywords last', async () => {
    await using pair = await Pair.join()
    await pair.callee.register('com.example.echo', (...args) => new CallResult(args))
    const echo = pair.caller.rpc.com?.example?.echo as RemoteProcedure
    expect(await echo(1, 2)).toEqual(new CallResult([1, 2]))
    expect(await echo(1, kwargs({ a: 2 }))).toEqual(new CallResult([1, { a: 2 }]))
    expect(await echo({ a: 2 }, 3)).toEqual(new CallResult([{ a: 2 }, 3]))
    expect(await echo(kwargs({}), 1)).toMatchObject({ args: [expect.anything(), 1] })
  })

  it('rpc is no promise: awaiting a part of a URI does not hang and does not call', async () => {
    const { client, router } = await joinedClient()
    expect(await (client.rpc.com as unknown)).toBeTypeOf('function')
    expect(await (client.proxy() as unknown)).toBeTypeOf('object')
    expect(Object.prototype.toString.call(client.rpc)).toBe('[object Function]')
    await router.hearsNothing()
  })

  it('rpc without a URI is refused', async () => {
    const { client } = await joinedClient()
    await expect(client.rpc()).rejects.toThrow(UsageError)
  })

  it('a proxy calls by the names of methods, behind its prefix', async () => {
    interface Calculator {
      add(a: number, b: number): number
      greet(name: string, more?: object): Promise<string>
      count(to: number): AsyncGenerator<number, string>
    }
    await using pair = await Pair.join()
    await pair.callee.register('com.calc.add', (a, b) => a + b)
    await pair.callee.register('com.calc.greet', (name, { greeting = 'Hello' } = {}) => `${greeting} ${name}`)
    await pair.callee.register('com.calc.count', async function* (to) {
      yield to
      return 'end'
    })
    const calculator = pair.caller.proxy<Calculator>('com.calc.')
    const five: number = await calculator.add(2, 3)
    expect(five).toBe(5)
    expect(await calculator.greet('Ada')).toBe('Hello Ada')
    expect(await calculator.greet('Ada', kwargs({ greeting: 'Hi' }))).toBe('Hi Ada')
    const end: string = await calculator.count(3)
    expect(end).toBe('end')
    await expect(pair.caller.proxy<Calculator>().add(1, 2)).rejects.toThrow(ApplicationError)
  })

  // Spec: rfc/text/advanced/rpc_progressive_call_results.md
  it('a proxy streams what a method yields, and what it returns at the end', async () => {
    class Counter extends Client {
      *count(to: number, { by = 1 } = {}) {
        for (let i = by; i <= to; i += by) yield i
        return 'end'
      }
    }
    await using pair = await Pair.join()
    await pair.callee.register('com.example.count', Counter.prototype.count)
    const { count } = pair.caller.proxy<Counter>('com.example.')
    const read = async (stream: AsyncIterable<number | string>) => {
      const values: (number | string)[] = []
      for await (const value of stream) values.push(value)
      return values
    }
    expect(await read(count.stream(3))).toEqual([1, 2, 3, 'end'])
    expect(await read(count.stream(4, kwargs({ by: 2 })))).toEqual([2, 4, 'end'])
    expect(await count(3)).toBe('end')
  })

  it('a proxy of a procedure that nobody has registered names it', async () => {
    await using pair = await Pair.join()
    const missing = pair.caller.proxy<{ add(a: number): number }>('com.example.').add(1)
    await expect(missing).rejects.toMatchObject({ uri: 'wamp.error.no_such_procedure' })
    await expect(missing).rejects.toThrow('com.example.add')
  })
})
