import { describe, expect, it } from 'vitest'
import { FrameType, frameOf, rawSocketFraming } from '../../../src/transports/rawsocket/framing.js'

describe('the header of a frame (transport_rawsocket.md, "Framing")', () => {
  it.each([
    [1, [0, 0, 0, 1]],
    [0x1234, [0, 0, 0x12, 0x34]],
    [2 ** 24 - 1, [0, 0xff, 0xff, 0xff]],
    [2 ** 24, [8, 0, 0, 0]],
  ])('for %d bytes is %j', (length, octets) => {
    const target = Buffer.alloc(6, 0xaa)
    expect(rawSocketFraming.headerLength(length)).toBe(4)
    rawSocketFraming.writeHeader(target, 1, length)
    expect([...target]).toEqual([0xaa, ...octets, 0xaa])
  })

  it('tells the type', () => {
    expect(frameOf(FrameType.pong, Buffer.from('ab'))).toEqual(Buffer.of(2, 0, 0, 2, 0x61, 0x62))
    expect(frameOf(FrameType.ping, Buffer.alloc(0))).toEqual(Buffer.of(1, 0, 0, 0))
  })
})
