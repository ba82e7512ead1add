import { describe, expect, it } from 'vitest'
import type { AuthorizationRequest, Decision } from '../../src/authorization/authorization.js'
import { CachedAuthorizer } from '../../src/authorization/cached-authorizer.js'
import { TestClock } from '../transports/test-clock.js'

const REQUEST: AuthorizationRequest = {
  action: 'call',
  uri: 'com.example.thing',
  match: 'exact',
  realm: 'realm1',
  session: 1,
  authid: 'ada',
  authrole: 'user',
  authmethod: 'ticket',
  authprovider: 'static',
}

describe('CachedAuthorizer', () => {
  it.each(['realm', 'authmethod', 'authprovider'] as const)(
    'takes no decision for one of another %s',
    async (key) => {
      const decide = async (request: AuthorizationRequest): Promise<Decision> => ({
        allow: request[key] === REQUEST[key],
      })
      const cache = new CachedAuthorizer({ authorize: decide }, { lifetime: 1_000 }, new TestClock())
      const other = { ...REQUEST, [key]: 'other' }
      for (let n = 0; n < 2; n++) {
        expect(await cache.authorize(REQUEST)).toEqual({ allow: true })
        expect(await cache.authorize(other)).toEqual({ allow: false })
      }
    },
  )

  it('keeps apart what would be the same if it were written one after the other', async () => {
    const decide = ({ authid }: AuthorizationRequest): Decision => ({ allow: authid === 'ada' })
    const cache = new CachedAuthorizer({ authorize: decide }, { lifetime: 1_000 }, new TestClock())
    expect(cache.authorize(REQUEST)).toEqual({ allow: true })
    const similar = { ...REQUEST, authrole: 'user","ada', authid: '' }
    expect(cache.authorize(similar)).toEqual({ allow: false })
  })
})
