import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/index.js'
import { anonymous, type RealmOptions, Router } from '../../src/router.js'

describe('the options of a realm', () => {
  it.each<[string, object, RegExp]>([
    ['no name', {}, /name of a realm/],
    [
      'a history without a topic',
      { history: [{}] },
      /realm1, history 1: undefined is no loose URI|history 1: topic/,
    ],
    ['a topic that is no URI', { history: [{ topic: 'a..b' }] }, /history 1.*"a..b" is no loose URI/],
    [
      'an unknown match',
      { history: [{ topic: 'a' }, { topic: 'b', match: 'regex' }] },
      /history 2.*exact, prefix or wildcard, not "regex"/,
    ],
    [
      'a history twice',
      { history: [{ topic: 'a' }, { topic: 'a', match: 'exact' }] },
      /two histories of exact:a/,
    ],
    ['a history of the protocol', { history: [{ topic: 'wamp.session.on_join' }] }, /of WAMP itself/],
    [
      'no events at all',
      { history: [{ topic: 'a', maxEvents: 0 }] },
      /maxEvents must be a number above 0, not 0/,
    ],
    ['an age that is none', { history: [{ topic: 'a', maxAge: 'day' }] }, /maxAge must be/],
    ['a size that is none', { history: [{ topic: 'a', maxBytes: Number.NaN }] }, /maxBytes must be/],
    [
      'a level that is none',
      { trustLevels: [{ level: 1.5 }] },
      /trust level 1: level must be a whole number from 0, not 1.5/,
    ],
    [
      'a rule for a URI that is none',
      { trustLevels: [{ level: 1, uri: 'a b' }] },
      /trust level 1: .*"a b" is no loose URI/,
    ],
    [
      'an unknown action',
      { trustLevels: [{ level: 1, action: 'register' }] },
      /call or publish, not "register"/,
    ],
    [
      'a limit that is none',
      { retention: { maxTopics: -1 } },
      /retention.maxTopics must be a number above 0/,
    ],
  ])('%s is refused with its place', (_, wrong, sentence) => {
    const options = (
      'name' in wrong || sentence.source.includes('name of') ? wrong : { name: 'realm1', ...wrong }
    ) as RealmOptions
    expect(() => new Router({ realms: [options] })).toThrow(UsageError)
    expect(() => new Router({ realms: [options] })).toThrow(sentence)
  })

  it('a topic and a pattern of the same words are two histories', () => {
    const history = [{ topic: 'a' }, { topic: 'a', match: 'prefix' }] as const
    expect(() => new Router({ realms: [{ name: 'realm1', history }] })).not.toThrow()
  })
})

describe('a router that other machines can reach', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1'])(
    'does not listen on %s until it has been said who may come in',
    async (host) => {
      await using router = new Router({
        realms: [{ name: 'open', auth: [anonymous()] }, { name: 'undecided' }],
      })
      await expect(router.listen({ port: 0, host })).rejects.toThrow(/auth of realm undecided/)
      expect(router.urls).toEqual([])
    },
  )

  it('listens there when every realm has been decided about', async () => {
    await using router = new Router({ realms: [{ name: 'open', auth: [anonymous()] }] })
    await router.listen({ port: 0, host: '0.0.0.0' })
    expect(router.urls).toHaveLength(3)
  })
})
