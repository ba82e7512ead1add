import { expect, it } from 'vitest'
import { readAll } from '../features/waiting.js'
import type { Stage } from './stage.js'

/** One class, lowered from both dialects of decorators, serves the same. */
export function decoratorsSuite(stage: () => Stage): void {
  it.each(['standard', 'legacy'] as const)(
    'serves what its decorators declare, in the %s dialect',
    async (dialect) => {
      await using scene = await stage().scene({ dialect })
      const node = await scene.join()
      const service = await scene.page.evaluateHandle(
        (place) => new wampkit.Decorated(wampkit.at(place)).start(),
        scene.webSocket,
      )
      await node.publish('com.example.weather.oslo', ['snow'])
      const calls: [procedure: string, ...args: unknown[]][] = [
        ['whoAmI'],
        ['com.example.inherited'],
        ['com.example.overridden'],
        ['com.example.redeclared.by.service'],
        ['com.example.add', 2, 3],
        ['com.example.twice'],
        ['com.example.again'],
        ['optionsOnly.and.more'],
      ]
      expect(await Promise.all(calls.map(([procedure, ...args]) => node.call(procedure, args)))).toEqual([
        'base of 1',
        'base',
        'service',
        'service',
        5,
        'twice',
        'twice',
        'options',
      ])
      expect((await readAll(node.stream('com.example.count', [3]))).seen).toEqual([1, 2, 3])
      expect(await service.evaluate(({ heard }) => heard)).toEqual([['snow']])
      await service.evaluate((client) => client.stop())
    },
  )
}
