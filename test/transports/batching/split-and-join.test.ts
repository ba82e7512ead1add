import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/errors.js'
import type { Batching } from '../../../src/serializers/serializer.js'
import { lengthPrefixed } from '../../../src/transports/batching/length-prefixed.js'
import { recordSeparated } from '../../../src/transports/batching/record-separated.js'

const octets = (text: string) => new TextEncoder().encode(text)
const text = (data: string | Uint8Array) => (typeof data === 'string' ? data : Buffer.from(data).toString())

/** The messages of a batch up to what is wrong with it. */
function taken(batching: Batching, batch: string | Uint8Array) {
  const messages: string[] = []
  try {
    for (const message of batching.split(batch)) messages.push(text(message))
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    return { messages, error: (error as Error).message }
  }
  return { messages, error: undefined }
}

const jsonText = fc.array(fc.jsonValue(), { maxLength: 4 }).map((list) => JSON.stringify(list))
const message = fc.uint8Array({ minLength: 1, maxLength: 300 })
const atLeastOne = { minLength: 1, maxLength: 20 }

describe('a batch of JSON', () => {
  it('has a record separator behind each message: transport_batched_websocket.md', () => {
    expect(recordSeparated.join(['[1]', '[2]'])).toBe('[1]\x1e[2]\x1e')
    expect(recordSeparated.join([octets('[1]'), '[2]'])).toEqual(octets('[1]\x1e[2]\x1e'))
    expect(recordSeparated.join(['[1]'])).toBe('[1]\x1e')
  })

  it('gives back what was put into it, as text and as octets', () => {
    fc.assert(
      fc.property(fc.array(jsonText, atLeastOne), (messages) => {
        const batch = recordSeparated.join(messages)
        expect([...recordSeparated.split(batch)]).toEqual(messages)
        expect([...recordSeparated.split(octets(text(batch)))].map(text)).toEqual(messages)
        expect(recordSeparated.join(messages.map(octets))).toEqual(octets(text(batch)))
        expect(octets(text(batch)).length).toBe(
          messages.reduce((sum, one) => sum + octets(one).length + recordSeparated.overhead, 0),
        )
      }),
    )
  })

  it.each([
    ['', [], 'a batch came that has no message in it'],
    ['[1]', [], 'the last message of a batch does not end with a record separator'],
    ['[1]\x1e[2]', ['[1]'], 'the last message of a batch does not end with a record separator'],
    ['\x1e', [], 'a batch has an empty message in it'],
    ['[1]\x1e\x1e', ['[1]'], 'a batch has an empty message in it'],
  ])('is refused where it is malformed: %j', (batch, messages, error) => {
    expect(taken(recordSeparated, batch)).toEqual({ messages, error })
    expect(taken(recordSeparated, octets(batch))).toEqual({ messages, error })
  })

  it('is read to its end or refused, whatever it is, and never has more messages than octets', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0x1e, 0x5b, 0x5d), { maxLength: 40 }), (codes) => {
        const batch = Uint8Array.from(codes)
        const { messages, error } = taken(recordSeparated, batch)
        expect(messages.length).toBeLessThanOrEqual(batch.length / 2)
        expect(taken(recordSeparated, text(batch))).toEqual({ messages, error })
        if (error === undefined) expect(recordSeparated.join(messages)).toBe(text(batch))
      }),
    )
  })
})

describe('a batch of MessagePack or CBOR', () => {
  it('has the length in front of each message, 32 bits, big-endian: transport_batched_websocket.md', () => {
    expect(lengthPrefixed.join([Uint8Array.of(1, 2, 3), Uint8Array.of(4)])).toEqual(
      Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 4),
    )
    const long = lengthPrefixed.join([new Uint8Array(0x010203)]) as Uint8Array
    expect([...long.subarray(0, 4)]).toEqual([0, 1, 2, 3])
    expect([...lengthPrefixed.split(long)].map(({ length }) => length)).toEqual([0x010203])
  })

  it('gives back what was put into it', () => {
    fc.assert(
      fc.property(fc.array(message, atLeastOne), (messages) => {
        const batch = lengthPrefixed.join(messages)
        expect([...lengthPrefixed.split(batch)]).toEqual(messages)
        expect(batch.length).toBe(
          messages.reduce((sum, { length }) => sum + length + lengthPrefixed.overhead, 0),
        )
      }),
    )
  })

  it.each([
    ['empty', [], 'a batch came that has no message in it'],
    ['a message without octets', [0, 0, 0, 0], 'a batch has an empty message in it'],
    ['half a length', [0, 0], 'a batch ends in the middle of a length'],
    ['a message that is cut off', [0, 0, 0, 2, 1], 'is said to be 2 bytes long, and 1 bytes follow'],
    [
      'the longest length there is',
      [255, 255, 255, 255, 1],
      'is said to be 4294967295 bytes long, and 1 bytes follow',
    ],
  ])('is refused where it is malformed: %s', (_, batch, error) => {
    const first = [0, 0, 0, 1, 65]
    expect(taken(lengthPrefixed, Uint8Array.from(batch)).error).toContain(error)
    if (batch.length === 0) return
    const behind = taken(lengthPrefixed, Uint8Array.from([...first, ...batch]))
    expect(behind.messages).toEqual(['A'])
    expect(behind.error).toContain(error)
  })

  it('is refused where it is text', () => {
    expect(taken(lengthPrefixed, '\0\0\0\x01A').error).toBe('a batch of binary messages must be binary')
  })

  it('is refused wherever it is cut off, but between two messages', () => {
    fc.assert(
      fc.property(fc.array(message, atLeastOne), fc.nat(), (messages, at) => {
        const batch = lengthPrefixed.join(messages) as Uint8Array
        const cut = batch.subarray(0, at % batch.length)
        const ends = messages.map((_, i) => lengthPrefixed.join(messages.slice(0, i + 1)).length)
        const { error, messages: whole } = taken(lengthPrefixed, cut)
        expect(error === undefined).toBe(ends.includes(cut.length))
        expect(whole.length).toBe(ends.filter((end) => end <= cut.length).length)
      }),
    )
  })

  it('is read to its end or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 2, 255), { maxLength: 60 }), (codes) => {
        const batch = Uint8Array.from(codes)
        let read = 0
        try {
          for (const { length } of lengthPrefixed.split(batch)) read += length + lengthPrefixed.overhead
          expect(read).toBe(batch.length)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
