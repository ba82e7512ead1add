import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sized } from '../../src/event-store/event-size.js'
import type { StoredEvent } from '../../src/event-store/event-store.js'
import { Payload } from '../../src/messages/payload.js'
import { BARE, payloadOf, storedEvent } from './events.js'

function sizeOf(more: Partial<Omit<StoredEvent, 'size'>>): number {
  return storedEvent(1, { payload: Payload.none, ...more }).size
}

describe('what an event costs', () => {
  it('is counted anew, whatever it was taken for before', () => {
    const event = storedEvent(1, { audience: { exclude: [1] } })
    expect(sized(event)).toEqual(event)
    expect(sized({ ...event, audience: {} }).size).toBe(BARE + 20)
  })

  it.each<[string, Partial<StoredEvent>, number]>([
    ['the octets of its payload', { payload: payloadOf(1_000) }, 1_000],
    [
      'those of one that only its ends can read',
      { payload: Payload.fromTransparent(Buffer.alloc(900)) },
      900,
    ],
    ['text that only its ends can read', { payload: Payload.fromTransparent('ä'.repeat(900)) }, 1_800],
    ['its topic', { topic: 'x'.repeat(1_000) }, 1_900],
    ['what is told of it', { details: { ppt_keyid: 'x'.repeat(1_000) } }, 2_000],
    ['each id that it is kept from', { audience: { exclude: Array(100).fill(2 ** 53) } }, 2_400],
    ['each short name too', { audience: { eligible_authid: Array(100).fill('') } }, 2_400],
  ])('has %s in it', (_, more, atLeast) => {
    expect(sizeOf(more) - BARE).toBeGreaterThanOrEqual(atLeast)
    expect(sizeOf(more) - BARE).toBeLessThan(2 * atLeast + 300)
  })

  it('is no less than the text that says it, and not far more', () => {
    const texts = fc.array(fc.string({ maxLength: 200, unit: 'grapheme-ascii' }), { maxLength: 50 })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), texts, (topic, exclude_authid) => {
        const audience = { exclude_authid }
        const characters = topic.length + exclude_authid.join('').length
        const size = sizeOf({ topic, audience })
        expect(size).toBeGreaterThanOrEqual(BARE + exclude_authid.length + 2 * (characters - 30))
        expect(size).toBeLessThanOrEqual(BARE + 500 + 2 * characters + 32 * exclude_authid.length)
      }),
    )
  })
})
