import type { RestorePayload } from '../../event-store/event-store.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { Payload } from '../../messages/payload.js'
import { Yield } from '../../messages/rpc.js'
import type { RelaySerializer } from '../../serializers/serializer.js'

/**
 * Makes payload fit to be kept: encoded, with octets of its own. What was never encoded is, in this format, or as CBOR.
 *
 * @throws UsageError if there is something in it that the format cannot carry.
 */
export type KeepPayload = (payload: Payload, format?: string) => Payload

/**
 * The payload with octets of its own: those of a message that came in are part of what was read from the network, and
 * would keep all of that alive.
 */
export function keepPayload(relays: readonly RelaySerializer[]): KeepPayload {
  // CBOR can say whatever any of the formats can; JSON can not.
  return (payload, unencoded = 'cbor') => {
    const { encoded, transparent } = payload
    // Not `slice()`: that of a Buffer copies nothing.
    if (transparent !== undefined)
      return Payload.fromTransparent(
        typeof transparent === 'string' ? transparent : new Uint8Array(transparent),
      )
    if (encoded === undefined && payload.isEmpty) return Payload.none
    const format = encoded?.format ?? unencoded
    const relay = relays.find(({ name }) => name === format) as RelaySerializer
    if (encoded !== undefined) return relay.restore(encoded.count, new Uint8Array(encoded.bytes))
    const read = relay.decode(relay.encode(new Yield(1, EMPTY_DICT, payload)))
    return 'payload' in read ? read.payload : Payload.none
  }
}

/**
 * Makes payload of what was kept of it.
 *
 * @throws Error if nobody here reads the format.
 */
export function restorePayload(relays: readonly RelaySerializer[]): RestorePayload {
  return ({ format, count, bytes }) => {
    const relay = relays.find(({ name }) => name === format)
    if (relay === undefined)
      throw new Error(`an event was kept as ${format}, which this router does not read`)
    return relay.restore(count, bytes)
  }
}
