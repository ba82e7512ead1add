/** Events to keep, and what there is to compare of one. */
import { Buffer } from 'node:buffer'
import { sized } from '../../src/event-store/event-size.js'
import type { HistoryPage, StoredEvent } from '../../src/event-store/event-store.js'
import { EMPTY_DICT } from '../../src/messages/dictionaries.js'
import { Payload } from '../../src/messages/payload.js'
import { restorePayload } from '../../src/peers/router/stored-payloads.js'
import { cborRelay } from '../../src/serializers/cbor/relay.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../src/serializers/msgpack/relay.js'

export const relays = [jsonRelay(), msgpackRelay(), cborRelay()]
export const restore = restorePayload(relays)

export const TOPIC = 'com.example.tick'

/** Midnight, 1 January 2026. */
export const START = Date.UTC(2026, 0, 1)

/** A payload of so many bytes; of none at all if there are fewer than 4. */
export function payloadOf(bytes: number): Payload {
  if (bytes < 4) return Payload.none
  return restore({ format: 'json', count: 1, bytes: Buffer.from(`["${'x'.repeat(bytes - 4)}"]`) })
}

/** The event of this publication, which came so many milliseconds after START. */
export function storedEvent(
  publicationId: number,
  more: Partial<Omit<StoredEvent, 'size'>> = {},
): StoredEvent {
  return sized({
    publicationId,
    timestamp: START + publicationId,
    topic: TOPIC,
    details: EMPTY_DICT,
    payload: payloadOf(20),
    audience: EMPTY_DICT,
    ...more,
  })
}

/** What an event of TOPIC costs besides its payload. */
export const BARE = storedEvent(1, { payload: payloadOf(0) }).size

export function idsOf(events: HistoryPage | readonly StoredEvent[]): number[] {
  return ('events' in events ? events.events : events).map(({ publicationId }) => publicationId)
}

/** All that is to be the same in an event that was kept. */
export function pictureOf({ payload, ...event }: StoredEvent): object {
  const { encoded, transparent } = payload
  return {
    ...event,
    transparent: typeof transparent === 'object' ? hexOf(transparent) : transparent,
    encoded: encoded && { format: encoded.format, count: encoded.count, bytes: hexOf(encoded.bytes) },
  }
}

function hexOf(octets: Uint8Array): string {
  return `0x${Buffer.from(octets).toString('hex')}`
}
