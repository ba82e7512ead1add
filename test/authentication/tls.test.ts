import { describe, expect, it } from 'vitest'
import type { PeerCertificate } from '../../src/authentication/authentication-method.js'
import { tls, UsageError } from '../../src/index.js'
import { Challenge } from '../../src/messages/session-lifecycle.js'
import { checkTls, type TlsPrincipal, type TlsPrincipals } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { logIn } from './logging-in.js'

const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }
const fingerprint = 'ab'.repeat(32)
const certificate: PeerCertificate = {
  commonName: 'ada',
  alternativeNames: ['DNS:ada.example', 'DNS:lovelace.example'],
  fingerprint,
}
const ada = { authid: 'ada', authrole: 'engineer' }

const comes = (
  principals: TlsPrincipals,
  authid?: string,
  shown: PeerCertificate | undefined = certificate,
) =>
  logIn(tls(authid === undefined ? {} : { authid }), checkTls(principals), {
    router: shown === undefined ? {} : { certificate: shown },
  })

describe('TLS Certificate Authentication (authentication.md)', () => {
  it.each<[string, Partial<TlsPrincipal>]>([
    ['its common name', { commonName: 'ada' }],
    ['an alternative name', { alternativeName: 'DNS:lovelace.example' }],
    ['its fingerprint', { fingerprint }],
    [
      'its fingerprint as tools show it',
      { fingerprint: (fingerprint.match(/../g) ?? []).join(':').toUpperCase() },
    ],
    ['all of them', { commonName: 'ada', alternativeName: 'DNS:ada.example', fingerprint }],
  ])('router knows a certificate by %s', async (_, by) => {
    expect(await comes([{ ...ada, ...by }])).toMatchObject({
      outcome: 'welcome',
      principal: { ...ada, authprovider: 'static' },
    })
  })

  it.each<[string, Partial<TlsPrincipal>]>([
    ['another common name', { commonName: 'bob' }],
    ['an alternative name of another kind', { alternativeName: 'email:ada.example' }],
    ['part of an alternative name', { alternativeName: 'ada.example' }],
    ['another fingerprint', { fingerprint: 'ac'.repeat(32) }],
    ['the right name and another fingerprint', { commonName: 'ada', fingerprint: 'ac'.repeat(32) }],
  ])('router refuses it for %s', async (_, by) => {
    expect(await comes([{ ...ada, ...by }])).toMatchObject(denied)
  })

  it('the first principal that fits is who comes', async () => {
    const principals = [
      { ...ada, commonName: 'ada' },
      { authid: 'root', authrole: 'admin', fingerprint },
    ]
    expect(await comes(principals)).toMatchObject({ principal: ada })
  })

  it('router refuses a client without a certificate', async () => {
    expect(await logIn(tls(), checkTls([{ ...ada, commonName: 'ada' }]))).toMatchObject(denied)
  })

  it('router refuses an authid that the certificate is not for, in the words for a certificate that it does not know', async () => {
    const principals = [{ ...ada, commonName: 'ada' }]
    expect(await comes(principals, 'ada')).toMatchObject({ principal: ada })
    const refusals = [
      await comes(principals, 'root'),
      await comes(principals, 'root', { ...certificate, commonName: 'x' }),
    ]
    expect(refusals[0]).toMatchObject(denied)
    expect(refusals[1]).toEqual(refusals[0])
  })

  it('router may look up the certificate', async () => {
    const asked: unknown[] = []
    const found = await comes(async (authid, _, claims) => {
      asked.push([authid, claims])
      return ada
    })
    expect(found).toMatchObject({ principal: { ...ada, authprovider: 'dynamic' } })
    expect(asked).toEqual([[undefined, { authmethod: 'tls', certificate }]])
    expect(await comes(() => undefined)).toMatchObject(denied)
  })

  it.each<[string, object]>([
    ['nothing to know it by', ada],
    ['an empty name', { ...ada, commonName: '' }],
    ['a fingerprint that is none', { ...ada, fingerprint: 'abcd' }],
    ['no authid', { authrole: 'a', commonName: 'ada' }],
    ['no authrole', { authid: 'a', commonName: 'ada' }],
  ])('a principal with %s is none', (_, principal) => {
    expect(() => checkTls([principal as TlsPrincipal])).toThrow(UsageError)
  })

  it('what a function finds needs an authid and an authrole', async () => {
    await expect(comes((() => ({ authrole: 'a' })) as unknown as TlsPrincipals)).rejects.toThrow(UsageError)
  })

  it('client answers no challenge', () => {
    expect(() => tls().begin({}).answer(new Challenge('tls'))).toThrow(UsageError)
  })
})
