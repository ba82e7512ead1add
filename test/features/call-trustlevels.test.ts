import { expect, it } from 'vitest'
import { ApplicationError, currentInvocation, UsageError } from '../../src/index.js'
import { Router, type TrustRule } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'

const PROCEDURE = 'com.example.accounts.close'
const level = () => currentInvocation().details.trustlevel ?? 'none'

overEach('Call Trust Levels (rpc_call_trustlevels.md)', (open) => {
  it('a realm without rules tells no level', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, level)
    expect(await caller.call(PROCEDURE)).toBe('none')
  })

  it.each<[string, TrustRule[], unknown]>([
    ['of a rule for everything', [{ level: 3 }], 3],
    ['0, which is a level', [{ level: 0 }], 0],
    [
      'of the first rule that fits',
      [{ level: 1, uri: 'com.example.other' }, { level: 2, uri: PROCEDURE }, { level: 3 }],
      2,
    ],
    [
      'of a rule for the authrole',
      [
        { level: 1, authrole: 'guest' },
        { level: 2, authrole: 'engineer' },
      ],
      2,
    ],
    [
      'of a rule for the authid',
      [
        { level: 1, authid: 'bob' },
        { level: 2, authid: 'ada' },
      ],
      2,
    ],
    ['of a rule for a prefix', [{ level: 2, uri: 'com.example.acc', match: 'prefix' }], 2],
    ['of a rule for a wildcard', [{ level: 2, uri: 'com..accounts.', match: 'wildcard' }], 2],
    [
      'of a rule for calls',
      [
        { level: 1, action: 'publish' },
        { level: 2, action: 'call' },
      ],
      2,
    ],
    ['none where all of a rule must fit', [{ level: 1, authid: 'ada', authrole: 'guest' }], 'none'],
    ['none where no rule fits', [{ level: 1, uri: 'com.example' }], 'none'],
  ])('the callee is told the level %s', async (_, trustLevels, expected) => {
    await using place = await open({ trustLevels })
    const callee = await place.join()
    const caller = await place.joinAs('ada:engineer')
    await callee.register(PROCEDURE, level)
    expect(await caller.call(PROCEDURE)).toBe(expected)
  })

  it('the level is that of the caller and of the URI that it called, also through a pattern', async () => {
    await using place = await open({
      trustLevels: [
        { level: 9, uri: PROCEDURE, authid: 'ada' },
        { level: 5, uri: PROCEDURE },
        { level: 1, uri: 'com.', match: 'prefix' },
      ],
    })
    const callee = await place.join()
    const [ada, bob] = await place.joinAll('ada:engineer', 'bob:guest')
    await callee.register('com.example.', level, { match: 'prefix' })
    expect(await ada.call(PROCEDURE)).toBe(9)
    expect(await bob.call(PROCEDURE)).toBe(5)
    expect(await ada.call('com.example.accounts')).toBe(1)
  })

  it('a caller cannot choose its level', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, level)
    expect(await caller.call(PROCEDURE, [], {}, { extra: { trustlevel: 9 } })).toBe('none')
  })

  it('a call that is passed on keeps its level', async () => {
    await using place = await open({ trustLevels: [{ level: 4 }] })
    const [busy, other, caller] = await place.joinAll('', '', '')
    await busy.register(
      PROCEDURE,
      () => {
        throw new ApplicationError(ERROR.unavailable)
      },
      { invoke: 'first' },
    )
    await other.register(PROCEDURE, level, { invoke: 'first' })
    expect(await caller.call(PROCEDURE)).toBe(4)
  })

  it('the parts of a call in parts have the level of the call', async () => {
    await using place = await open({ trustLevels: [{ level: 4 }] })
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      async (parts: AsyncIterable<unknown>) => {
        const told = level()
        for await (const _ of parts);
        return told
      },
      { progressiveInvocations: true },
    )
    async function* parts() {
      yield 1
      yield 2
    }
    expect(await caller.call(PROCEDURE, parts())).toBe(4)
  })

  it.each([-1, 1.5, '3' as never])('%s is no level: the router says so at once', (wrong) => {
    const realms = [{ name: 'realm1', trustLevels: [{ level: wrong }] }]
    expect(() => new Router({ realms })).toThrow(UsageError)
  })
})
