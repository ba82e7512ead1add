import type { IncomingMessage } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { silentLogger } from '../../../src/logger.js'
import { originRule } from '../../../src/transports/websocket/origins.js'
import { upgradeRequest } from './raw-client.js'
import { ask, listen } from './test-listener.js'

interface Visit {
  origin?: string
  host?: string
  from?: string
  headers?: Record<string, string>
}

function passes(
  { origin, host = 'router.example', from = '192.0.2.1', headers = {} }: Visit,
  origins?: readonly string[] | 'any',
): boolean {
  const request = {
    headers: { host, ...headers, ...(origin === undefined ? {} : { origin }) },
    socket: { remoteAddress: from, localAddress: '192.0.2.100' },
  }
  return originRule(origins)(request as unknown as IncomingMessage) === undefined
}

describe('without a list of origins', () => {
  it('passes who is no browser', () => {
    expect(passes({})).toBe(true)
  })

  it.each([
    ['https://router.example', 'router.example', true],
    ['http://router.example', 'router.example', true],
    ['https://router.example', 'router.example:443', true],
    ['https://ROUTER.example', 'Router.Example', true],
    ['http://router.example:8080', 'router.example:8080', true],
    ['http://router.example:8081', 'router.example:8080', false],
    ['http://router.example', 'router.example:8080', false],
    ['https://evil.example', 'router.example', false],
    ['https://router.example.evil.example', 'router.example', false],
    ['https://sub.router.example', 'router.example', false],
    ['http://localhost:5173', 'router.example', false],
    ['null', 'router.example', false],
    ['file://', '', false],
    ['', 'router.example', false],
    ['https://[broken', 'router.example', false],
  ])('a page of %j to %s from afar: %s', (origin, host, isFine) => {
    expect(passes({ origin, host })).toBe(isFine)
  })

  it.each([
    ['http://localhost:5173', 'localhost:8080', true],
    ['http://127.0.0.1', '127.0.0.1:8080', true],
    ['http://[::1]:3000', '127.0.0.1:8080', true],
    ['https://app.localhost', '127.0.0.1:8080', true],
    ['tauri://localhost', '127.0.0.1:8080', true],
    ['https://evil.example', '127.0.0.1:8080', false],
    ['http://localhost.evil.example', 'localhost:8080', false],
    ['http://notlocalhost', 'localhost:8080', false],
    ['null', 'localhost:8080', false],
    // A name that a stranger lets lead here.
    ['http://evil.example:8080', 'evil.example:8080', false],
  ])('a page of %j to %s on this machine: %s', (origin, host, isFine) => {
    expect(passes({ origin, host, from: '127.0.0.1' })).toBe(isFine)
  })

  it('a proxy on this machine that says so has its clients elsewhere', () => {
    const headers = { 'x-forwarded-for': '192.0.2.7' }
    const visit = { host: 'router.example', from: '127.0.0.1', headers }
    expect(passes({ ...visit, origin: 'https://router.example' })).toBe(true)
    expect(passes({ ...visit, origin: 'http://localhost' })).toBe(false)
  })
})

describe('with a list of origins', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com', true],
    ['https://app.example.com', 'https://app.example.com:8443', false],
    ['https://app.example.com:443', 'https://app.example.com', true],
    ['https://App.Example.com', 'https://app.example.com', true],
    ['https://app.example.com', 'http://app.example.com', false],
    ['https://app.example.com', 'https://appXexample.com', false],
    ['https://*.example.com', 'https://a.example.com', true],
    ['https://*.example.com', 'https://a.b.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://evilexample.com', false],
    ['https://*.example.com', 'https://a.example.com.evil.example', false],
    ['https://*.example.com', 'https://evil.example/.example.com', false],
    ['https://*.example.com', 'https://a.example.com:8443', false],
    ['https://*.example.com:*', 'https://a.example.com:8443', true],
    ['http://localhost:*', 'http://localhost', true],
    ['http://localhost:*', 'http://localhost:5173', true],
    ['http://localhost:*', 'http://localhost:5173.evil.example', false],
    ['http://[::1]:3000', 'http://[::1]:3000', true],
    ['tauri://localhost', 'tauri://localhost', true],
    ['chrome-extension://abcdef', 'chrome-extension://abcdef', true],
    ['null', 'null', true],
    ['https://app.example.com', 'null', false],
    ['https://app.example.com', 'https://router.example', false],
  ])('%s and a page of %s: %s', (pattern, origin, isFine) => {
    expect(passes({ origin }, [pattern])).toBe(isFine)
  })

  it('passes who is in it, and who is no browser', () => {
    const list = ['https://a.example', 'https://b.example']
    expect(passes({ origin: 'https://b.example' }, list)).toBe(true)
    expect(passes({}, list)).toBe(true)
    expect(passes({ origin: 'https://a.example' }, [])).toBe(false)
    expect(passes({ origin: 'https://evil.example' }, 'any')).toBe(true)
  })

  it.each([
    'example.com',
    '*',
    'https://',
    'https://example.com/path',
    'https://a.*.example',
    'https://*',
    '',
    'https://a b',
  ])('takes no %j', (pattern) => {
    expect(() => originRule([pattern])).toThrow(UsageError)
    expect(() => originRule([pattern])).toThrow(/is no origin, such as https:\/\/app\.example\.com/)
  })
})

describe('a listener', () => {
  it('answers a strange page with 403 and a sentence, logs it, and counts it', async () => {
    const warn = vi.fn()
    const listener = await listen({ logger: { ...silentLogger, warn } })
    const from = (origin: string) =>
      upgradeRequest('wamp.2.json').replace('\r\n\r\n', `\r\nOrigin: ${origin}\r\n\r\n`)
    const client = await ask(listener, from('https://evil.example'))
    await client.closed()
    expect(client.status).toBe(403)
    expect(client.response).toContain('Pages of "https://evil.example" may not connect here')
    expect(warn).toHaveBeenCalledTimes(1)
    expect((await ask(listener, from('http://localhost:5173'))).status).toBe(101)
    expect(listener.listener.connections.counters).toMatchObject({
      accepted: 1,
      refused: 1,
      refusedByOrigin: 1,
    })
  })
})
