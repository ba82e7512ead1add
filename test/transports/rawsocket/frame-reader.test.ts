import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProtocolError } from '../../../src/errors.js'
import { FrameReader, type FrameReceiver } from '../../../src/transports/rawsocket/frame-reader.js'
import { frame, MESSAGE, PING, PONG } from './raw-client.js'

const KIB = 1024
const MIB = 1024 * KIB

type Said = ['message' | 'ping', Buffer] | ['pong'] | ['violated', ProtocolError]

class Listing implements FrameReceiver {
  readonly said: Said[] = []
  onMessage = () => {}

  message(octets: Buffer): void {
    this.said.push(['message', octets])
    this.onMessage()
  }

  ping(payload: Buffer): void {
    this.said.push(['ping', payload])
  }

  pong(): void {
    this.said.push(['pong'])
  }

  violated(error: ProtocolError): void {
    this.said.push(['violated', error])
  }

  get texts(): string[] {
    return this.said.map(([what, content]) =>
      Buffer.isBuffer(content) ? `${what} ${content.toString('latin1')}` : what,
    )
  }
}

function open(limit = 16 * MIB) {
  const listing = new Listing()
  return { listing, reader: new FrameReader(limit, listing) }
}

const stream = fc
  .array(
    fc.record({
      type: fc.constantFrom(MESSAGE, PING, PONG),
      // Around the length from which on a piece is kept where it lies.
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.integer({ min: 4090, max: 9000 }).map((length) => new Uint8Array(length).fill(length)),
      ),
    }),
    { maxLength: 8 },
  )
  .map((frames) => frames.filter(({ type, payload }) => type !== MESSAGE || payload.length > 0))

describe('a reader of frames (transport_rawsocket.md, "Framing")', () => {
  it('reads the same however the stream is cut', () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 40 }),
        (frames, lengths) => {
          const octets = Buffer.concat(frames.map(({ type, payload }) => frame(type, Buffer.from(payload))))
          const { reader, listing } = open()
          let at = 0
          for (const length of lengths) {
            reader.read(octets.subarray(at, at + length))
            at += length
          }
          if (at < octets.length) reader.read(octets.subarray(at))
          const names = ['message', 'ping', 'pong'] as const
          expect(listing.said).toEqual(
            frames.map(({ type, payload }) =>
              type === PONG ? ['pong'] : [names[type], Buffer.from(payload)],
            ),
          )
          expect(reader.isMidFrame).toBe(false)
        },
      ),
    )
  })

  it('reads the same an octet at a time', () => {
    const { reader, listing } = open()
    const long = 'x'.repeat(10_000)
    const octets = Buffer.concat([
      frame(MESSAGE, 'a'),
      frame(PING, ''),
      frame(PONG, 'b'),
      frame(MESSAGE, long),
    ])
    for (const octet of octets) reader.read(Buffer.of(octet))
    expect(listing.texts).toEqual(['message a', 'ping ', 'pong', `message ${long}`])
  })

  it('copies nothing of a frame that lies whole in what came', () => {
    const { reader, listing } = open()
    const octets = Buffer.concat([frame(MESSAGE, 'abc'), frame(MESSAGE, 'x'.repeat(50_000))])
    reader.read(octets)
    for (const [, content] of listing.said) expect((content as Buffer).buffer).toBe(octets.buffer)
  })

  it('takes a frame of exactly 2^24 bytes', () => {
    const { reader, listing } = open()
    reader.read(Buffer.of(8, 0, 0, 0))
    for (let i = 0; i < 16; i++) reader.read(Buffer.alloc(MIB, i))
    const [[, message] = []] = listing.said as ['message', Buffer][]
    expect(message?.length).toBe(2 ** 24)
    expect([message?.[0], message?.[2 ** 24 - 1]]).toEqual([0, 15])
    expect(listing.said.length).toBe(1)
  })

  it('holds memory for what has come, and not for what is announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 200 }, () => open().reader)
    for (const reader of readers) {
      reader.read(Buffer.of(0, 0xff, 0xff, 0xff))
      for (let i = 0; i < 100; i++) reader.read(Buffer.of(i))
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MIB)
    expect(readers.every(({ isMidFrame }) => isMidFrame)).toBe(true)
  })

  it('holds a frame that comes in crumbs as densely as one that does not', () => {
    const { reader, listing } = open()
    const length = 2 * MIB
    reader.read(frame(MESSAGE, '', length))
    const before = process.memoryUsage()
    for (let i = 0; i < length - 1; i++) reader.read(Buffer.from([i & 0xff]))
    const after = process.memoryUsage()
    // Two million buffers would take 200 MiB and more.
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
      100 * MIB,
    )
    reader.read(Buffer.of(0xff))
    const [[, message] = []] = listing.said as ['message', Buffer][]
    expect(message?.length).toBe(length)
    expect(message?.every((octet, i) => octet === (i & 0xff))).toBe(true)
  })

  it.each([3, 4, 5, 6, 7])('refuses the reserved type %d at its first octet', (type) => {
    const { reader, listing } = open()
    reader.read(Buffer.concat([frame(MESSAGE, 'a'), Buffer.of(type)]))
    expect(listing.texts).toEqual(['message a', 'violated'])
    expect(listing.said[1]?.[1]).toMatchObject({ message: `a frame came of type ${type}, which is reserved` })
  })

  it.each([0x10, 0x20, 0x40, 0x80, 0xf0])('refuses the reserved bits %d at its first octet', (bits) => {
    const { reader, listing } = open()
    reader.read(Buffer.of(bits))
    expect(listing.said[0]?.[1]).toMatchObject({ message: 'a frame came with reserved bits set' })
  })

  it.each([
    ['the bit for 2^24 bytes with a length', Buffer.of(8, 0, 0, 1), /with a length and with the bit/],
    ['a length over the limit', frame(MESSAGE, '', 1025), /longer than 1024 bytes/],
    ['2^24 bytes where fewer are taken', Buffer.of(8, 0, 0, 0), /longer than 1024 bytes/],
    ['a PING over the limit', frame(PING, '', 1025), /longer than 1024 bytes/],
    ['a PONG over the limit', frame(PONG, '', 1025), /longer than 1024 bytes/],
    ['a message of no bytes', frame(MESSAGE, ''), /has no bytes/],
  ])('refuses %s with the header, and reads nothing after it', (_, header, sentence) => {
    const { reader, listing } = open(1024)
    reader.read(Buffer.concat([header, frame(MESSAGE, 'a')]))
    reader.read(frame(MESSAGE, 'b'))
    expect(listing.texts).toEqual(['violated'])
    expect(listing.said[0]?.[1]).toMatchObject({ message: expect.stringMatching(sentence) })
  })

  it('tells too long a message from other faults', () => {
    const { reader, listing } = open(1024)
    reader.read(frame(MESSAGE, '', 1025))
    expect(listing.said[0]?.[1]).toMatchObject({ limit: 'size' })
  })

  it('takes messages of exactly the limit, and the limit may change', () => {
    const { reader, listing } = open(1024)
    reader.read(frame(MESSAGE, 'x'.repeat(1024)))
    reader.limit = 2048
    reader.read(frame(MESSAGE, 'x'.repeat(2048)))
    expect(listing.said.map(([what]) => what)).toEqual(['message', 'message'])
  })

  it('reads nothing more once it was stopped, in the middle of a chunk too', () => {
    const { reader, listing } = open()
    listing.onMessage = () => reader.stop()
    reader.read(Buffer.concat([frame(MESSAGE, 'a'), frame(MESSAGE, 'b')]))
    reader.read(frame(MESSAGE, 'c'))
    expect(listing.texts).toEqual(['message a'])
  })

  it('knows that it is in the middle of a frame', () => {
    const { reader } = open()
    const octets = frame(MESSAGE, 'ab')
    const states = [...octets].map((octet) => {
      reader.read(Buffer.of(octet))
      return reader.isMidFrame
    })
    expect(states).toEqual([true, true, true, true, true, false])
  })
})
