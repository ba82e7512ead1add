import { describe, expect, it } from 'vitest'
import { ApplicationError } from '../../src/index.js'
import { Pair } from '../peers/pair.js'
import { joinedClient } from '../spec/raw-router.js'
import { ADD, GREET, LIBRARIES, WEATHER } from './libraries.js'
import { failureOf } from './outcome.js'

const acknowledge = { acknowledge: true }

describe.each(Object.entries(LIBRARIES))(
  'contracts with schemas of %s',
  (vendor, { add, greet, weather }) => {
    it('let through what is right', async () => {
      await using pair = await Pair.join()
      await pair.callee.register(add, (a, b) => a + b)
      await pair.callee.register(greet, (name, { greeting }) => `${greeting}, ${name}!`)
      expect(await pair.caller.call(add, [2, 3])).toBe(5)
      expect(await pair.caller.call(greet, ['Ada'], { greeting: 'Hello' })).toBe('Hello, Ada!')
    })

    it('refuse a bad argument before the handler runs, with its path and with what was expected', async () => {
      await using pair = await Pair.join()
      let runs = 0
      await pair.callee.register(add, () => ++runs)
      const error = await failureOf(pair.caller.call(ADD, [2, 'x']))
      expect(error).toBeInstanceOf(ApplicationError)
      expect(error).toMatchObject({
        uri: 'wamp.error.invalid_argument',
        args: [expect.stringContaining('args[1] of com.example.add')],
        kwargs: {
          procedure: ADD,
          path: 'args[1]',
          expected: expect.stringContaining('number'),
          issues: [{ path: 'args[1]', message: expect.any(String) }],
        },
      })
      expect(runs).toBe(0)
    })

    it('refuse a bad keyword argument, and one that is missing', async () => {
      await using pair = await Pair.join()
      await pair.callee.register(greet, (name) => name)
      const path = { uri: 'wamp.error.invalid_argument', kwargs: { path: 'kwargs.greeting' } }
      expect(await failureOf(pair.caller.call(GREET, ['Ada'], { greeting: 5 }))).toMatchObject(path)
      expect(await failureOf(pair.caller.call(GREET, ['Ada']))).toMatchObject(path)
    })

    it('refuse a bad argument at its caller, in the same words, and send nothing', async () => {
      await using pair = await Pair.join()
      await pair.callee.register(add, (a, b) => a + b)
      const args = [2, 'x'] as unknown as [number, number]
      const there = (await failureOf(pair.caller.call(ADD, args))) as ApplicationError
      const { client, router } = await joinedClient()
      const here = await failureOf(client.call(add, args))
      expect(here).toMatchObject({ uri: there.uri, args: there.args, kwargs: there.kwargs })
      await router.hearsNothing()
    })

    it('refuse a result at its callee', async () => {
      await using pair = await Pair.join()
      await pair.callee.register(add, () => 'five' as unknown as number)
      expect(await failureOf(pair.caller.call(ADD, [2, 3]))).toMatchObject({
        uri: 'wampkit.error.invalid_result',
        args: [expect.stringContaining('result of com.example.add')],
        kwargs: { procedure: ADD, path: 'result', expected: expect.stringContaining('number') },
      })
    })

    it('refuse a result at its caller', async () => {
      await using pair = await Pair.join()
      await pair.callee.register(ADD, () => 'five')
      expect(await failureOf(pair.caller.call(add, [2, 3]))).toMatchObject({
        uri: 'wampkit.error.invalid_result',
        kwargs: { procedure: ADD, path: 'result' },
      })
    })

    it('refuse an event at its publisher', async () => {
      const { client, router } = await joinedClient()
      const report = { place: 'oslo', celsius: 'cold' } as unknown as { place: string; celsius: number }
      expect(await failureOf(client.publish(weather, [report]))).toMatchObject({
        uri: 'wamp.error.invalid_argument',
        kwargs: { topic: WEATHER, path: 'args[0].celsius', expected: expect.stringContaining('number') },
      })
      await router.hearsNothing()
    })

    it('keep a bad event from its subscriber, and tell the client', async () => {
      await using pair = await Pair.join()
      const heard: unknown[] = []
      await pair.callee.subscribe(weather, (report) => heard.push(report))
      await pair.caller.publish(WEATHER, [{ place: 'oslo', celsius: 'cold' }], undefined, acknowledge)
      await pair.caller.publish(weather, [{ place: 'oslo', celsius: 9 }], undefined, acknowledge)
      await expect.poll(() => heard).toEqual([{ place: 'oslo', celsius: 9 }])
      expect(pair.errors).toMatchObject([
        { uri: 'wamp.error.invalid_argument', kwargs: { topic: WEATHER, path: 'args[0].celsius' } },
      ])
    })

    it('name the library of a schema', () => {
      expect(add.schemas.args?.['~standard'].vendor).toBe(vendor)
    })
  },
)
