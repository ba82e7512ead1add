import { describe, expect, it } from 'vitest'
import { ApplicationError, CanceledError, currentInvocation, ERROR } from '../../src/index.js'
import { failure, promised, readAll } from '../features/waiting.js'
import type { Stage } from './stage.js'

/** Remote procedure calls, in both directions. */
export function rpcSuite(stage: () => Stage, way: 'webSocket' | 'longPoll'): void {
  describe('calls', () => {
    it('go from the page to Node, and back', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      await node.register('com.example.node.join', (...args: unknown[]) => args.flat().join(' '))
      const service = await scene.service(scene[way])
      const joined = await service.evaluate((client) =>
        client.call('com.example.node.join', ['Grüße', '👋', 2 ** 53 - 1], { kwargs: true }),
      )
      expect(joined).toBe(`Grüße 👋 ${2 ** 53 - 1} [object Object]`)
      expect(await node.call('com.example.page.describe', ['a', 1, [], null], { deep: true })).toEqual({
        procedure: 'com.example.page.describe',
        kwargs: { deep: true },
        types: ['String', 'Number', 'Array', 'Null', 'Object'],
        details: 'object',
        isPage: true,
      })
    })

    it('carry binary values in every format', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      await node.register('com.example.node.reverse', (octets: Uint8Array) => octets.toReversed())
      const octets = Uint8Array.from({ length: 70_000 }, (_, i) => i)
      for (const format of ['json', 'msgpack', 'cbor'] as const) {
        const service = await scene.service({ ...scene[way], format })
        const echoed = await node.call<Uint8Array>('com.example.page.echo', [octets])
        expect([format, Buffer.compare(echoed, octets)]).toEqual([format, 0])
        const reversed = await service.evaluate(async (client) => {
          const given = Uint8Array.of(0, 127, 128, 255)
          const answer = await client.call<Uint8Array>('com.example.node.reverse', [given])
          await client.stop()
          return { type: wampkit.typeOf(answer), octets: [...answer] }
        })
        expect(reversed).toEqual({ type: 'Uint8Array', octets: [255, 128, 127, 0] })
      }
    })

    it('that fail keep their URI and their arguments', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      await node.register('com.example.node.fail', () => {
        throw new ApplicationError('com.example.error.full', ['disk'], { kwargs: { free: 0 } })
      })
      const service = await scene.service(scene[way])
      expect(await failure(node.call('com.example.page.fail', ['com.example.error.odd']))).toMatchObject({
        uri: 'com.example.error.odd',
        args: [1, 'two'],
        kwargs: { three: 3 },
      })
      expect(await failure(node.call('com.example.page.fail'))).toMatchObject({
        uri: ERROR.runtimeError,
        args: ['out of the window'],
      })
      const failures = await service.evaluate((client) =>
        Promise.all(
          ['com.example.node.fail', 'com.example.nobody'].map((procedure) =>
            client
              .call(procedure)
              .catch((error: unknown) =>
                error instanceof wampkit.ApplicationError
                  ? [error.uri, error.args, error.kwargs, error.message]
                  : String(error),
              ),
          ),
        ),
      )
      expect(failures).toEqual([
        ['com.example.error.full', ['disk'], { free: 0 }, expect.stringContaining('com.example.error.full')],
        [ERROR.noSuchProcedure, expect.anything(), {}, expect.stringContaining('com.example.nobody')],
      ])
    })

    it('give progressive results', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      await node.register('com.example.node.count', async function* (to: number) {
        for (let i = 1; i < to; i++) yield i
        return to
      })
      const service = await scene.service(scene[way])
      expect(await readAll(node.stream('com.example.page.count', [4]))).toEqual({
        seen: [1, 2, 3, 4],
        error: undefined,
      })
      const seen = await service.evaluate(async (client) => {
        const numbers: number[] = []
        for await (const number of client.stream<number>('com.example.node.count', [4])) numbers.push(number)
        return numbers
      })
      expect(seen).toEqual([1, 2, 3, 4])
    })

    it('that are canceled interrupt their callee', async () => {
      await using scene = await stage().scene()
      const node = await scene.join()
      const begun = promised()
      const aborted = promised()
      await node.register('com.example.node.wait', async () => {
        const { signal } = currentInvocation()
        signal.addEventListener('abort', () => aborted.resolve())
        begun.resolve()
        await aborted.promise
      })
      const service = await scene.service(scene[way])

      const waiting = service.evaluateHandle((client) => {
        const canceling = new AbortController()
        const { signal } = canceling
        const ended = client.call('com.example.node.wait', [], {}, { signal }).catch((error) => error.name)
        return { canceling, ended }
      })
      const call = await waiting
      await begun.promise
      await call.evaluate(({ canceling }) => canceling.abort())
      await aborted.promise
      expect(await call.evaluate(({ ended }) => ended)).toBe('CanceledError')

      const canceling = new AbortController()
      const { signal } = canceling
      const calling = failure(node.call('com.example.page.wait', [], {}, { signal, cancelMode: 'kill' }))
      // The page has the call by then: it answers in order.
      await node.call('com.example.page.echo')
      canceling.abort()
      expect(await calling).toBeInstanceOf(CanceledError)
      expect(await service.evaluate(({ heard }) => heard)).toEqual(['aborted'])
    })
  })
}
