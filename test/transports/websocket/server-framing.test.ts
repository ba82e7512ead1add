import { expect, it } from 'vitest'
import { serverFraming } from '../../../src/transports/websocket/server-framing.js'

it.each([
  [0, '8100'],
  [125, '817d'],
  [126, '817e007e'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
  [2 ** 40 + 5, '817f0000010000000005'],
])('the header of a text frame of %d octets is %s', (length, hex) => {
  const { headerLength, writeHeader } = serverFraming(false)
  const target = Buffer.alloc(20)
  writeHeader(target, 3, length)
  expect(headerLength(length)).toBe(hex.length / 2)
  expect(target.toString('hex', 3, 3 + hex.length / 2)).toBe(hex)
})

it('a binary frame says so', () => {
  const target = Buffer.alloc(2)
  serverFraming(true).writeHeader(target, 0, 7)
  expect([...target]).toEqual([0x82, 7])
})
