import { describe, expect, it } from 'vitest'
import {
  announceable,
  describeRefusal,
  readHandshake,
  refusalIn,
  writeHandshake,
  writeRefusal,
} from '../../../src/transports/rawsocket/handshake.js'

const KIB = 1024
const MIB = 1024 * KIB

describe('a handshake of RawSocket (transport_rawsocket.md, "Handshake")', () => {
  it.each([
    [1, 512],
    [512, 512],
    [1023, 512],
    [1024, 1024],
    [1000 * 1000, 512 * KIB],
    [MIB - 1, 512 * KIB],
    [MIB, MIB],
    [16 * MIB, 16 * MIB],
    [100 * MIB, 16 * MIB],
    [Number.POSITIVE_INFINITY, 16 * MIB],
  ])('announces for a limit of %d bytes one of %d', (octets, announced) => {
    expect(announceable(octets)).toBe(announced)
  })

  it('has all sixteen lengths', () => {
    for (let code = 0; code < 16; code++) {
      const octets = writeHandshake({ name: 'json' }, 2 ** (9 + code))
      expect(octets).toEqual(Buffer.of(0x7f, (code << 4) | 1, 0, 0))
      expect(readHandshake(octets).limit).toBe(2 ** (9 + code))
    }
  })

  it.each([
    ['json', 1],
    ['msgpack', 2],
    ['cbor', 3],
  ] as const)('has %s under the id %d', (name, id) => {
    const octets = writeHandshake({ name }, 16 * MIB)
    expect(octets[1]).toBe(0xf0 | id)
    expect(readHandshake(octets)).toEqual({ serializerId: id, limit: 16 * MIB, hasReservedBits: false })
    expect(refusalIn(octets)).toBeUndefined()
  })

  it('tells reserved bits, in either octet', () => {
    expect(readHandshake(Buffer.of(0x7f, 0xf1, 1, 0)).hasReservedBits).toBe(true)
    expect(readHandshake(Buffer.of(0x7f, 0xf1, 0, 0x80)).hasReservedBits).toBe(true)
  })

  it('refuses in four ways, and reads others', () => {
    for (const code of [1, 2, 3, 4] as const) {
      expect(writeRefusal(code)).toEqual(Buffer.of(0x7f, code << 4, 0, 0))
      expect(refusalIn(writeRefusal(code))).toBe(code)
    }
    expect([0, 1, 2, 3, 4, 9].map(describeRefusal)).toEqual([
      'error 0, which the specification does not know',
      'serializer unsupported',
      'maximum message length unacceptable',
      'use of reserved bits (unsupported feature)',
      'maximum connection count reached',
      'error 9, which the specification does not know',
    ])
  })
})
