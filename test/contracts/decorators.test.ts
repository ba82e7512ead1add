import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { Client } from '../../src/index.js'
import { callee, type DeclaredRole, subscriber } from '../../src/roles/decorators.js'
import { Router } from '../../src/router.js'
import * as standard from '../fixtures/agreed.js'
import * as legacy from '../fixtures/agreed.js?legacy'
import { failureOf } from './outcome.js'

const { add, weather } = standard
const acknowledge = { acknowledge: true }

describe.each([
  ['standard', standard.Agreed],
  ['experimentalDecorators', legacy.Agreed],
])('contracts of decorated methods, in the dialect: %s', (_, Agreed) => {
  it('are declared by their URIs, with their options', () => {
    const uris = (role: DeclaredRole) => [
      role.role,
      role.role === 'callee' ? role.procedure : role.topic,
      role.options,
      role.contract?.uri,
    ]
    expect(new Agreed({ realm: 'realm1', url: 'ws://127.0.0.1:1' }).declaredRoles().map(uris)).toEqual([
      ['callee', 'com.example.add', { invoke: 'roundrobin' }, 'com.example.add'],
      ['subscriber', 'com.example.weather', { getRetained: true }, 'com.example.weather'],
    ])
  })

  it('are kept at the border of the service, in each of its sessions', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }] })
    await using service = await new Agreed({ router, realm: 'realm1' }).start()
    await using client = await new Client({ router, realm: 'realm1' }).start()
    const errors: unknown[] = []
    service.on('error', (error) => errors.push(error))
    for (const celsius of [9, 21]) {
      expect(await client.call(add, [2, 3])).toBe(5)
      expect(await failureOf(client.call('com.example.add', ['x', 3]))).toMatchObject({
        uri: 'wamp.error.invalid_argument',
        kwargs: { path: 'args[0]' },
      })
      await client.publish('com.example.weather', [{ celsius: 'cold' }], undefined, acknowledge)
      await client.publish(weather, [{ celsius }], undefined, acknowledge)
      await expect.poll(() => service.heard.at(-1)).toEqual({ celsius })
      await service.stop()
      await service.start()
    }
    expect(errors).toMatchObject([
      { uri: 'wamp.error.invalid_argument' },
      { uri: 'wamp.error.invalid_argument' },
    ])
  })

  it('leave the methods as they are, so that a class can be tested as a plain object', () => {
    const service = new Agreed({ realm: 'realm1', url: 'ws://127.0.0.1:1' })
    expect(service.add('a' as unknown as number, 1)).toBe('a1')
  })
})

it('what is neither a contract nor a topic is refused', () => {
  expect(() => subscriber({} as unknown as string)).toThrow(UsageError)
  expect(() => callee(add)(undefined as never, undefined as never)).toThrow(UsageError)
})
