import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { isRawSocketUrl, parseRawSocketUrl } from '../../../src/transports/rawsocket/address.js'

describe('the URL of a RawSocket', () => {
  it.each([
    ['rs://localhost:8080', false, { host: 'localhost', port: 8080 }],
    ['RS://127.0.0.1:1/', false, { host: '127.0.0.1', port: 1 }],
    ['rss://router.example:443', true, { host: 'router.example', port: 443 }],
    ['rs://[::1]:8080', false, { host: '::1', port: 8080 }],
    ['unix+rs:///run/router.sock', false, { path: '/run/router.sock' }],
    ['unix:///run/a%20b.sock', false, { path: '/run/a b.sock' }],
  ])('%s', (url, isSecured, target) => {
    expect(isRawSocketUrl(url)).toBe(true)
    expect(parseRawSocketUrl(url)).toEqual({ isSecured, target })
  })

  it.each([
    ['rs://localhost', 'it has to name a port, as in rs://localhost:8080'],
    ['rss://[::1]', 'it has to name a port, as in rss://[::1]:8080'],
    ['rs://localhost:0', 'it has to name a port'],
    ['rs://localhost:99999', 'it looks like rs://localhost:8080'],
    ['rs://localhost:8080/ws', 'it looks like rs://localhost:8080'],
    ['rs://:8080', 'it looks like rs://localhost:8080'],
    ['rs://ada:secret@localhost:8080', 'no place for credentials'],
    ['rs://localhost:8080?a=1', 'no place for credentials, a query'],
    ['rs://localhost:8080#a', 'or a fragment'],
    ['unix+rs://run/router.sock', 'that of a Unix socket is its path'],
    ['unix+rs:///', 'that of a Unix socket is its path'],
    ['unix+rs:///%ff', 'its path is not encoded'],
    ['ws://localhost:8080', 'it looks like rs://localhost:8080'],
    ['', 'it looks like rs://localhost:8080'],
  ])('is not %j', (url, why) => {
    expect(() => parseRawSocketUrl(url)).toThrow(UsageError)
    expect(() => parseRawSocketUrl(url)).toThrow(why)
  })

  it('shows no secret that it refuses', () => {
    expect(() => parseRawSocketUrl('rs://ada:secret@localhost:8080')).not.toThrow('secret')
  })
})
