import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cookie, UsageError } from '../../src/index.js'
import { type CookiePrincipals, checkCookie } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { logIn } from './logging-in.js'

const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }
const ada = { authid: 'ada', authrole: 'engineer' }
const digest = createHash('sha256').update('c00kie').digest('hex')

const comes = (principals: CookiePrincipals, cookies?: Record<string, string>, authid?: string) =>
  logIn(cookie(authid === undefined ? {} : { authid }), checkCookie({ name: 'sid', principals }), {
    router: cookies === undefined ? {} : { cookies },
  })

describe('Cookie-based Authentication (authentication.md)', () => {
  it('router knows a cookie by SHA-256 of its value', async () => {
    expect(await comes({ [digest]: ada }, { other: 'x', sid: 'c00kie' })).toMatchObject({
      outcome: 'welcome',
      principal: { ...ada, authprovider: 'static' },
    })
  })

  it('router may look up the value', async () => {
    const asked: unknown[] = []
    const found = await comes(
      async (authid, _, claims) => {
        asked.push([authid, claims])
        return ada
      },
      { sid: 'c00kie' },
    )
    expect(found).toMatchObject({ principal: { ...ada, authprovider: 'dynamic' } })
    expect(asked).toEqual([[undefined, { authmethod: 'cookie', cookie: 'c00kie' }]])
  })

  it.each<[string, Record<string, string> | undefined]>([
    ['without cookies', undefined],
    ['without the cookie', { other: 'c00kie' }],
    ['with an empty cookie', { sid: '' }],
    ['with another cookie', { sid: 'cookie' }],
    ['with the digest of the cookie', { sid: digest }],
  ])('router refuses a client %s, always in the same words', async (_, cookies) => {
    const refusal = await comes({ [digest]: ada }, cookies)
    expect(refusal).toMatchObject(denied)
    expect(refusal).toEqual(await comes({ [digest]: ada }, { sid: 'c00kie' }, 'root'))
  })

  it('a cookie is not what all objects have', async () => {
    const router = checkCookie({ name: 'constructor', principals: () => ada })
    expect(await logIn(cookie(), router, { router: { cookies: {} } })).toMatchObject(denied)
  })

  it('client may say who it is, if it is', async () => {
    expect(await comes({ [digest]: ada }, { sid: 'c00kie' }, 'ada')).toMatchObject({ outcome: 'welcome' })
  })

  it('principals and the name of the cookie are checked when they are given', () => {
    expect(() => checkCookie({ name: '', principals: {} })).toThrow(UsageError)
    expect(() => checkCookie({ name: 'sid', principals: { c00kie: ada } })).toThrow(UsageError)
    const nameless = { [digest]: { authrole: 'a' } } as unknown as CookiePrincipals
    expect(() => checkCookie({ name: 'sid', principals: nameless })).toThrow(UsageError)
  })
})
