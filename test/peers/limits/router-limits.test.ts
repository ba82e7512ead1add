import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { routerLimits } from '../../../src/peers/router/limits/router-limits.js'
import { Router } from '../../../src/router.js'
import { META } from '../../../src/uris.js'

describe('the limits of a router', () => {
  it('have defaults', () => {
    const any = Number.POSITIVE_INFINITY
    expect(routerLimits()).toEqual({
      handshakeTimeout: 10_000,
      maxMessageSizeBeforeLogin: 65_536,
      sessions: 100_000,
      sessionsPerAuthid: any,
      connectionsPerAddress: 1_000,
      localConnections: any,
      messagesPerSecond: any,
      messageBurst: any,
      failedLogins: 5,
      failedLoginsPerAddress: 50,
      uriLength: 1_024,
      undecidedMessages: 100,
      undecidedBytes: 1_048_576,
    })
    expect(routerLimits({ messagesPerSecond: 0.5 }).messageBurst).toBe(1)
    expect(routerLimits({ messagesPerSecond: 50 }).messageBurst).toBe(50)
  })

  it.each([[0], [-1], [Number.NaN], ['10' as unknown as number], [null as unknown as number]])(
    'may not be %s',
    (sessions) => {
      const options = { realms: [{ name: 'realm1' }], limits: { sessions } }
      expect(() => new Router(options)).toThrow(UsageError)
      expect(() => new Router(options)).toThrow(/^limits\.sessions must be a number above 0/)
    },
  )

  it('leave room for the URIs of WAMP itself', () => {
    const longest = JSON.stringify(META)
      .split('"')
      .reduce((most, { length }) => Math.max(most, length), 0)
    expect(longest).toBeLessThanOrEqual(64)
    expect(() => routerLimits({ uriLength: 63 })).toThrow(/^limits\.uriLength must be 64 or more/)
  })

  it('count from nothing', () => {
    const { counters } = new Router({ realms: [{ name: 'realm1' }] })
    expect(new Set(Object.values(counters))).toEqual(new Set([0]))
    expect(Object.keys(counters)).toEqual(
      expect.arrayContaining([
        'accepted',
        'refused',
        'refusedByOrigin',
        'refusedByLimit',
        'slowConsumersDropped',
        'lost',
        'timedOut',
        'failedLogins',
        'throttled',
        'undecided',
        'messagesTooLong',
        'messagesTooDeep',
        'urisTooLong',
      ]),
    )
  })
})
