import { beforeEach, describe, expect, it } from 'vitest'
import { Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Router } from '../../src/router.js'
import { asTold, joinAs } from './as-told.js'
import type { RawClient } from './raw-client.js'

const TOPIC = 'com.example.topic'

let router: Router
let subscribers: Record<'ada' | 'bob' | 'eve', RawClient>
let publisher: RawClient

const join = (who: string) => joinAs(router, who)

beforeEach(() => {
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold] }] })
  subscribers = { ada: join('ada:manager'), bob: join('bob:staff'), eve: join('eve:staff') }
  for (const subscriber of Object.values(subscribers)) subscriber.subscribe(TOPIC)
  publisher = join('pub:manager')
})

/** Who has heard of a publication with these options. */
function heardBy(options: Record<string, unknown>): string[] {
  publisher.publish(TOPIC, ['event'], options)
  return Object.entries(subscribers)
    .filter(([, raw]) => {
      const heard = raw.transport.unread.length > 0
      if (heard) raw.hears(Code.EVENT)
      return heard
    })
    .map(([name]) => name)
}

const id = (name: keyof typeof subscribers) => subscribers[name].sessionId

describe('Subscriber Black- and Whitelisting (pubsub_subscriber_blackwhite_listing.md)', () => {
  it('broker announces it', () => {
    const { roles } = publisher.welcome as { roles: { broker: { features: Record<string, boolean> } } }
    expect(roles.broker.features.subscriber_blackwhite_listing).toBe(true)
  })

  it.each([
    ['no list', () => ({}), ['ada', 'bob', 'eve']],
    ['eligible', () => ({ eligible: [id('ada'), id('eve')] }), ['ada', 'eve']],
    ['eligible_authid', () => ({ eligible_authid: ['bob'] }), ['bob']],
    ['eligible_authrole', () => ({ eligible_authrole: ['staff'] }), ['bob', 'eve']],
    ['exclude', () => ({ exclude: [id('ada')] }), ['bob', 'eve']],
    ['exclude_authid', () => ({ exclude_authid: ['bob', 'nobody'] }), ['ada', 'eve']],
    ['exclude_authrole', () => ({ exclude_authrole: ['staff'] }), ['ada']],
    [
      'whitelists, all of which must hold',
      () => ({ eligible_authrole: ['staff'], eligible: [id('ada'), id('bob')] }),
      ['bob'],
    ],
    [
      'a whitelist and a blacklist',
      () => ({ eligible_authrole: ['staff'], exclude_authid: ['eve'] }),
      ['bob'],
    ],
    ['two blacklists', () => ({ exclude: [id('ada')], exclude_authid: ['eve'] }), ['bob']],
    ['an empty whitelist, which lets nobody hear', () => ({ eligible: [] }), []],
    ['an empty list of authids, likewise', () => ({ eligible_authid: [] }), []],
    ['an empty blacklist, which excludes nobody', () => ({ exclude: [] }), ['ada', 'bob', 'eve']],
  ])('broker heeds %s', (_, options, expected) => {
    expect(heardBy(options())).toEqual(expected)
  })

  it('broker keeps an event from its publisher even if it is eligible', () => {
    publisher.subscribe(TOPIC)
    publisher.publish(TOPIC, [], { eligible: [publisher.sessionId] })
    publisher.hearsNothing()
    publisher.publish(TOPIC, [], { eligible: [publisher.sessionId], exclude_me: false })
    publisher.hears(Code.EVENT)
  })

  it('broker heeds the lists for pattern subscriptions too', () => {
    const pattern = join('dan:staff')
    pattern.subscribe('com.example.', { match: 'prefix' })
    publisher.publish(TOPIC, [], { exclude_authid: ['dan'] })
    pattern.hearsNothing()
  })

  it("a client's eligible and exclude become the lists of the wire", async () => {
    await using open = new Router({ realms: [{ name: 'realm1' }] })
    await using client = await new Client({ router: open, realm: 'realm1' }).start()
    await using listener = await new Client({ router: open, realm: 'realm1' }).start()
    const heard: unknown[] = []
    await listener.subscribe(TOPIC, (what) => heard.push(what))
    const { id: session = 0, authid = '', authrole = '' } = listener.session ?? {}
    const publish = (what: string, options: object) =>
      client.publish(TOPIC, [what], undefined, { acknowledge: true, ...options })
    await publish('eligible', { eligible: { sessions: [session], authids: [authid], authroles: [authrole] } })
    await publish('nobody', { eligible: { sessions: [] } })
    await publish('not the session', { exclude: { sessions: [session] } })
    await publish('not the authid', { exclude: { authids: [authid] } })
    await publish('not the authrole', { exclude: { authroles: [authrole] } })
    await publish('not another', { exclude: { authids: ['another'] } })
    await listener.call('com.example.nobody').catch(() => {})
    expect(heard).toEqual(['eligible', 'not another'])
  })
})
