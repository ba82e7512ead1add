import { sizeOfValue } from '../messages/message-size.js'
import type { StoredEvent } from './event-store.js'

/** What an event costs besides what can be counted in it: its objects, and its entry in a history. Measured: 720. */
const EVENT = 768

/** The event with what it costs. Its payload has to be encoded by then. */
export function sized(event: Omit<StoredEvent, 'size'>): StoredEvent {
  const { publicationId, timestamp, topic, details, payload, audience } = event
  const { transparent } = payload
  const text = typeof transparent === 'string' ? sizeOfValue(transparent) : 0
  const size = EVENT + sizeOfValue(topic) + payload.size + text + sizeOfValue(details) + sizeOfValue(audience)
  return { publicationId, timestamp, topic, details, payload, audience, size }
}
