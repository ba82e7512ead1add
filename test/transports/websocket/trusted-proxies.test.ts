import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { trustedProxies } from '../../../src/transports/websocket/trusted-proxies.js'
import type { TrustedProxyOptions } from '../../../src/transports/websocket/trusted-proxy-options.js'
import { upgradeRequest } from './raw-client.js'
import { ask, listen } from './test-listener.js'

function clientOf(
  options: TrustedProxyOptions,
  remoteAddress: string,
  headers: Record<string, string> = {},
): string | undefined {
  const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage
  return trustedProxies(options)?.clientOf(request)
}

const BEHIND = { trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] }
const OTHER = { ...BEHIND, proxyHeader: 'forwarded' } as const

describe('the client behind proxies that are trusted', () => {
  it.each([
    ['one', '10.1.2.3', '192.0.2.1', '192.0.2.1'],
    ['several', '10.1.2.3', '192.0.2.1, 10.9.9.9, 127.0.0.1', '192.0.2.1'],
    ['one, and whatever the client says', '10.1.2.3', '127.0.0.1, 10.0.0.1, 192.0.2.1', '192.0.2.1'],
    ['one that is not trusted itself', '10.1.2.3', '192.0.2.1, 198.51.100.7', '198.51.100.7'],
    ['one of IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['one that adds the port', '127.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
    ['one that adds the port to IPv6', '127.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['one that writes IPv4 as IPv6', '::ffff:127.0.0.1', '::ffff:192.0.2.1', '192.0.2.1'],
    ['only those that are trusted', '127.0.0.1', '10.0.0.5, 10.0.0.6', '10.0.0.5'],
    ['one that hides it', '10.1.2.3', '192.0.2.1, unknown', '10.1.2.3'],
    ['one that says nonsense', '10.1.2.3', '192.0.2.1, 1.2.3.4.5', '10.1.2.3'],
    ['one that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['no proxy', '192.0.2.9', '192.0.2.1', undefined],
  ])('%s: %s with %s', (_, remote, header, client) => {
    const headers = header === undefined ? {} : { 'x-forwarded-for': header }
    expect(clientOf(BEHIND, remote, headers)).toBe(client)
  })

  it.each([
    ['for=192.0.2.1', '192.0.2.1'],
    ['for=192.0.2.1;proto=https;by=10.0.0.1', '192.0.2.1'],
    ['proto=https; For="[2001:db8::1]:4711"', '2001:db8::1'],
    ['for=192.0.2.1, for=10.0.0.2', '192.0.2.1'],
    ['for=192.0.2.1, for=unknown', '10.1.2.3'],
    ['for=192.0.2.1, for="_hidden"', '10.1.2.3'],
    ['for=127.0.0.1, for=192.0.2.1', '192.0.2.1'],
    ['by=192.0.2.1', '10.1.2.3'],
  ])('Forwarded: %s (RFC 7239)', (header, client) => {
    expect(clientOf(OTHER, '10.1.2.3', { forwarded: header })).toBe(client)
  })

  it('is not looked for in the header that the proxies do not set', () => {
    const both = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=198.51.100.7' }
    expect(clientOf(BEHIND, '10.1.2.3', both)).toBe('192.0.2.1')
    expect(clientOf(OTHER, '10.1.2.3', both)).toBe('198.51.100.7')
    expect(clientOf(BEHIND, '10.1.2.3', { forwarded: 'for=198.51.100.7' })).toBe('10.1.2.3')
  })

  it.each(['localhost', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', '::1/129', '10.0.0', ''])(
    'cannot be %j',
    (proxy) => {
      expect(() => trustedProxies({ trustedProxies: [proxy] })).toThrow(UsageError)
      expect(() => trustedProxies({ trustedProxies: [proxy] })).toThrow(/is no address or network/)
    },
  )

  it('say it in one of two headers', () => {
    expect(() => trustedProxies({ proxyHeader: 'x-real-ip' as never })).toThrow(
      'proxyHeader must be x-forwarded-for or forwarded, not "x-real-ip"',
    )
  })
})

describe('a listener behind a proxy tells who is at the other end', () => {
  const request = (headers: string[]) =>
    upgradeRequest('wamp.2.json').replace('\r\n\r\n', `\r\n${[...headers, ''].join('\r\n')}\r\n`)

  async function infoOf(options: TrustedProxyOptions, headers: string[]) {
    const listener = await listen({ proxies: trustedProxies(options) })
    await ask(listener, request(headers))
    return (await listener.next()).transport.info
  }

  it('the client, as the proxy tells, which is not local', async () => {
    const told = await infoOf({ trustedProxies: ['127.0.0.1'] }, ['X-Forwarded-For: 192.0.2.1'])
    expect(told).toMatchObject({ address: '192.0.2.1', local: false })
    const six = await infoOf({ trustedProxies: ['127.0.0.1'] }, ['X-Forwarded-For: 2001:db8::1'])
    expect(six).toMatchObject({ address: '[2001:db8::1]', local: false })
  })

  it.each([[['X-Forwarded-For: 127.0.0.1']], [[]]])(
    'never one of this machine, whatever comes of it: %j',
    async (headers) => {
      const info = await infoOf({ trustedProxies: ['127.0.0.1'] }, headers)
      expect(info).toMatchObject({ address: '127.0.0.1', local: false })
    },
  )

  it('nobody else than the proxy, where it is not trusted', async () => {
    const info = await infoOf({ trustedProxies: ['192.0.2.0/24'] }, ['X-Forwarded-For: 192.0.2.1'])
    expect(info.local).toBe(false)
    expect(info.address).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it.each([
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'X-Real-IP: 127.0.0.1',
    'X-Forwarded-Host: localhost',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Port: 443',
    'Via: 1.1 proxy',
  ])('nobody of this machine, where a proxy that nobody knows says: %s', async (header) => {
    expect((await infoOf({}, [header])).local).toBe(false)
  })

  it('a client of this machine, where nothing speaks against it', async () => {
    expect((await infoOf({}, ['X-Request-Id: 1'])).local).toBe(true)
    expect((await infoOf({ trustedProxies: ['192.0.2.1'] }, [])).local).toBe(true)
  })
})
