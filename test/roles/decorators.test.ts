import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { callee, declaredRoles, subscriber } from '../../src/roles/decorators.js'
import * as standard from '../fixtures/decorated.js'
import * as legacy from '../fixtures/decorated.js?legacy'

const options = { realm: 'realm1', url: 'ws://127.0.0.1:1' }

describe.each([
  ['standard', standard],
  ['experimentalDecorators', legacy],
])('decorators in the dialect: %s', (dialect, { Service, Plain }) => {
  it('are compiled in that dialect', () => {
    const recordsOnPrototype = declaredRoles(Service.prototype).length > 0
    expect(recordsOnPrototype).toBe(dialect === 'experimentalDecorators')
  })

  it('declare procedures and topics, inherited ones included', () => {
    const declared = declaredRoles(new Service(options)).map((role) =>
      role.role === 'callee'
        ? ['callee', role.method, role.procedure]
        : ['subscriber', role.method, role.topic],
    )
    expect(declared.sort()).toEqual(
      [
        ['callee', 'whoAmI', 'whoAmI'],
        ['callee', 'inherited', 'com.example.inherited'],
        ['callee', 'overridden', 'com.example.overridden'],
        ['callee', 'redeclared', 'com.example.redeclared.by.service'],
        ['callee', 'add', 'com.example.add'],
        ['callee', 'optionsOnly', 'optionsOnly'],
        ['callee', 'twice', 'com.example.twice'],
        ['callee', 'twice', 'com.example.again'],
        ['callee', 'count', 'com.example.count'],
        ['subscriber', 'onEvent', 'com.example.weather'],
        ['subscriber', 'onEvent', 'com.example.news'],
      ].sort(),
    )
  })

  it('keep their options', () => {
    const declared = declaredRoles(new Service(options))
    expect(declared.find(({ method }) => method === 'add')?.options).toEqual({ invoke: 'roundrobin' })
    expect(declared.find(({ method }) => method === 'optionsOnly')?.options).toEqual({ match: 'prefix' })
  })

  it('leave the method as it is, so that a class can be tested as a plain object', () => {
    expect(new Service(options).add(2, 3)).toBe(5)
    expect(new Plain().plain()).toBe('plain')
  })

  it('keep instances apart', () => {
    new Service(options)
    expect(declaredRoles(new Plain()).map(({ method }) => method)).toEqual(['plain'])
  })
})

describe('what is no instance method is refused', () => {
  const method = () => undefined
  const context = (change: object) =>
    ({ kind: 'method', name: 'm', static: false, private: false, addInitializer() {}, ...change }) as never

  it.each([
    ['a static method', { static: true }],
    ['a private method', { private: true, name: '#m' }],
    ['a symbol', { name: Symbol('s') }],
    ['a field', { kind: 'field' }],
    ['a class', { kind: 'class' }],
  ])('%s, in the standard dialect', (_, change) => {
    expect(() => callee(method, context(change))).toThrow(UsageError)
    expect(() => subscriber('com.example.topic')(method, context(change))).toThrow(UsageError)
  })

  it('a static method or a field, in the older dialect', () => {
    class Owner {}
    expect(() => callee(Owner, 'm', { value: method })).toThrow(UsageError)
    expect(() => callee(Owner.prototype, 'm')).toThrow(UsageError)
  })

  it('nothing at all', () => {
    expect(() => (callee('com.example.p') as unknown as (...args: unknown[]) => void)()).toThrow(
      'must decorate a method',
    )
  })
})
