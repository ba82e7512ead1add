import { expect, it } from 'vitest'
import { currentInvocation, type MatchPolicy, UsageError } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure } from './waiting.js'

/** The example of the section. */
const EXAMPLE: readonly (readonly [string, MatchPolicy])[] = [
  ['a1.b2.c3.d4.e55', 'exact'],
  ['a1.b2.c3', 'prefix'],
  ['a1.b2.c3.d4', 'prefix'],
  ['a1.b2..d4.e5', 'wildcard'],
  ['a1.b2.c33..e5', 'wildcard'],
  ['a1.b2..d4.e5..g7', 'wildcard'],
  ['a1.b2..d4..f6.g7', 'wildcard'],
]

const procedure = () => currentInvocation().procedure

overEach('Pattern-based Registration (rpc_pattern_based_registration.md)', (open) => {
  it('of several registrations that match, one serves: the seven examples', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    for (const [i, [uri, match]] of EXAMPLE.entries()) await callee.register(uri, () => i + 1, { match })
    const served: Record<string, unknown> = {}
    for (const uri of [
      'a1.b2.c3.d4.e55',
      'a1.b2.c3.d98.e74',
      'a1.b2.c3.d4.e325',
      'a1.b2.c55.d4.e5',
      'a1.b2.c33.d4.e5',
      'a1.b2.c88.d4.e5.f6.g7',
    ])
      served[uri] = await caller.call(uri)
    expect(served).toEqual({
      'a1.b2.c3.d4.e55': 1,
      'a1.b2.c3.d98.e74': 2,
      'a1.b2.c3.d4.e325': 3,
      'a1.b2.c55.d4.e5': 4,
      'a1.b2.c33.d4.e5': 5,
      'a1.b2.c88.d4.e5.f6.g7': 6,
    })
    const error = await failure(caller.call('a2.b2.c2.d2.e2'))
    expect(error).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it.each([
    'com.myapp.myobject1.myprocedure1',
    'com.myapp.myobject1-mysubobject1',
    'com.myapp.myobject1.mysubobject1.myprocedure1',
    'com.myapp.myobject1',
  ])('the prefix com.myapp.myobject1 serves %s, and the callee is told what was called', async (uri) => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register('com.myapp.myobject1', procedure, { match: 'prefix' })
    expect(await caller.call(uri)).toBe(uri)
  })

  it.each(['com.myapp.myobject2', 'com.myapp.myobject'])(
    'the prefix com.myapp.myobject1 does not serve %s',
    async (uri) => {
      await using place = await open()
      const [callee, caller] = await place.joinAll('', '')
      await callee.register('com.myapp.myobject1', procedure, { match: 'prefix' })
      expect(await failure(caller.call(uri))).toMatchObject({ uri: ERROR.noSuchProcedure })
    },
  )

  it.each(['com.myapp.myobject1.myprocedure1', 'com.myapp.myobject2.myprocedure1'])(
    'the pattern com.myapp..myprocedure1 serves %s',
    async (uri) => {
      await using place = await open()
      const [callee, caller] = await place.joinAll('', '')
      await callee.register('com.myapp..myprocedure1', procedure, { match: 'wildcard' })
      expect(await caller.call(uri)).toBe(uri)
    },
  )

  it.each([
    'com.myapp.myobject1.myprocedure1.mysubprocedure1',
    'com.myapp.myobject1.myprocedure2',
    'com.myapp2.myobject1.myprocedure1',
  ])('the pattern com.myapp..myprocedure1 does not serve %s', async (uri) => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register('com.myapp..myprocedure1', procedure, { match: 'wildcard' })
    expect(await failure(caller.call(uri))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('details tell the procedure of a pattern, and not that of an exact registration', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const details = () => currentInvocation().details
    await callee.register('com.example.exact', details)
    await callee.register('com.example.', details, { match: 'prefix' })
    expect(await caller.call('com.example.exact')).toEqual({})
    expect(await caller.call('com.example.other')).toEqual({ procedure: 'com.example.other' })
  })

  it('one URI under three policies is three registrations; when the best goes, the next serves', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const registered = []
    for (const match of ['wildcard', 'prefix', 'exact'] as const)
      registered.unshift(await callee.register('com.example.p', () => match, { match }))
    expect(new Set(registered.map(({ id }) => id)).size).toBe(3)
    const served: unknown[] = []
    for (const registration of registered) {
      served.push(await caller.call('com.example.p'))
      await registration.unregister()
    }
    expect(served).toEqual(['exact', 'prefix', 'wildcard'])
    expect(await failure(caller.call('com.example.p'))).toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('patterns are shared as exact procedures are, and otherwise taken', async () => {
    await using place = await open()
    const [one, other, caller] = await place.joinAll('', '', '')
    await one.register('com..a', () => 1, { match: 'wildcard', invoke: 'roundrobin' })
    await other.register('com..a', () => 2, { match: 'wildcard', invoke: 'roundrobin' })
    expect([await caller.call('com.x.a'), await caller.call('com.y.a')]).toEqual([1, 2])
    await one.register('com.', () => 1, { match: 'prefix' })
    const second = other.register('com.', () => 2, { match: 'prefix' })
    expect(await failure(second)).toMatchObject({ uri: ERROR.procedureAlreadyExists })
  })

  it('no pattern is so wide that it serves wamp.*', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    for (const [uri, match] of [
      ['', 'prefix'],
      ['w', 'prefix'],
      ['..', 'wildcard'],
    ] as const)
      await callee.register(uri, () => 'mine', { match })
    expect(await caller.call('x.y.z')).toBe('mine')
    expect(await caller.call('w')).toBe('mine')
    expect(await caller.call('wamp.session.count')).toBe(2)
    const error = await failure(caller.call('wamp.no.such'))
    expect(error).toMatchObject({ uri: ERROR.noSuchProcedure })
    const reserved = callee.register('wamp.', () => 'mine', { match: 'prefix' })
    expect(await failure(reserved)).toMatchObject({ uri: ERROR.invalidUri })
  })

  it('a pattern cannot be called', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register('com..a', () => 1, { match: 'wildcard' })
    expect(await failure(caller.call('com..a'))).toBeInstanceOf(UsageError)
    expect(await failure(callee.register('com..b', () => 1))).toBeInstanceOf(UsageError)
    expect(await failure(callee.register('com..b', () => 1, { match: 'prefix' }))).toBeInstanceOf(UsageError)
  })
})
