/** Payload as passthru mode packs it. Spec: rfc/text/advanced/payload_passthru_mode.md. */
import { Encoder } from 'cbor-x'
import { pack, unpack } from 'msgpackr'
import { type PassthruSerializer, type Payload, payload } from '../peer.js'

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true })

/** The payload as one binary value. */
export function sealed(
  { args = [], kwargs = {} }: Partial<Payload>,
  serializer: PassthruSerializer,
): Payload {
  const value = { args, kwargs }
  return { args: [new Uint8Array(serializer === 'cbor' ? cbor.encode(value) : pack(value))], kwargs: {} }
}

/** The payload of one binary value. */
export function opened([bytes]: readonly unknown[], serializer: unknown): Payload {
  if (!(bytes instanceof Uint8Array)) throw new Error(`no binary came in passthru mode, but ${typeof bytes}`)
  const { args, kwargs } = serializer === 'cbor' ? cbor.decode(bytes) : unpack(bytes)
  return payload(args, kwargs)
}
