import { expect, it } from 'vitest'
import { hostAndPort, isLoopback } from '../../src/transports/loopback.js'

it.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', '::FFFF:127.9.9.9'])(
  '%s is loopback',
  (address) => {
    expect(isLoopback(address)).toBe(true)
  },
)

it.each(['128.0.0.1', '10.127.0.0', '::2', '::ffff:10.0.0.1', '127.0.0.1.example.com', '', '1.127.0.0.1'])(
  '%s is not',
  (address) => {
    expect(isLoopback(address)).toBe(false)
  },
)

it('an IPv6 address gets brackets before its port', () => {
  expect(hostAndPort('::1', 80)).toBe('[::1]:80')
  expect(hostAndPort('127.0.0.1', 80)).toBe('127.0.0.1:80')
  expect(hostAndPort('127.0.0.1', undefined)).toBe('127.0.0.1')
})
