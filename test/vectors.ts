import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFINITIONS, type MessageName } from '../src/messages/codes.js'
import { construct } from '../src/messages/construct.js'
import type { Message } from '../src/messages/message.js'
import { Payload } from '../src/messages/payload.js'
import type { SerializerName } from '../src/serializers/serializer.js'

/**
 * The conformance vectors of the WAMP project (wamp-proto), as far as this package speaks their formats. They are no
 * part of this repository: `WAMP_VECTORS` says where they are, or else they lie beside it, in `../shared/vectors`.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
export const vectorsFolder = resolve(root, process.env.WAMP_VECTORS ?? '../shared/vectors')
const folder = join(vectorsFolder, 'wamp-proto/singlemessage')
export const vectorsAreThere = existsSync(folder)
/** Behind the title of tests that are skipped without the vectors. */
export const unless = vectorsAreThere ? '' : ` (skipped: no vectors in ${vectorsFolder}, see WAMP_VECTORS)`

/** Octets of a message, in every spelling that counts as right, and the message. */
export interface SerializationSample {
  readonly title: string
  readonly octets: Readonly<Record<SerializerName, readonly Buffer[]>>
  readonly message: Message
}

/** A message as a list, and what must be named when it is refused; without that it is valid. */
export interface ValidationSample {
  readonly title: string
  readonly list: unknown[]
  readonly refused: string | undefined
}

interface VectorFile {
  wamp_message_type: MessageName
  samples: {
    description: string
    serializers?: Record<string, { bytes?: string; bytes_hex?: string }[]>
    expected_attributes?: Record<string, unknown>
    wmsg?: unknown[]
    expected_error?: { contains: string }
  }[]
}

/** The attributes of each message, in the order of the wire. */
const ATTRIBUTES: { readonly [Name in MessageName]: readonly string[] } = {
  HELLO: ['realm', 'roles'],
  WELCOME: ['session_id', 'roles'],
  ABORT: ['details', 'reason'],
  CHALLENGE: ['method', 'extra'],
  AUTHENTICATE: ['signature', 'extra'],
  GOODBYE: ['details', 'reason'],
  ERROR: ['request_type', 'request_id', 'details', 'error'],
  PUBLISH: ['request_id', 'options', 'topic'],
  PUBLISHED: ['request_id', 'publication_id'],
  SUBSCRIBE: ['request_id', 'options', 'topic'],
  SUBSCRIBED: ['request_id', 'subscription_id'],
  UNSUBSCRIBE: ['request_id', 'subscription_id'],
  UNSUBSCRIBED: ['request_id'],
  EVENT: ['subscription', 'publication', 'details'],
  CALL: ['request_id', 'options', 'procedure'],
  CANCEL: ['request_id', 'options'],
  RESULT: ['request_id', 'details'],
  REGISTER: ['request_id', 'options', 'procedure'],
  REGISTERED: ['request_id', 'registration_id'],
  UNREGISTER: ['request_id', 'registration_id'],
  UNREGISTERED: ['request_id'],
  INVOCATION: ['request_id', 'registration_id', 'details'],
  INTERRUPT: ['request_id', 'options'],
  YIELD: ['request_id', 'options'],
  EVENT_RECEIVED: ['publication_id'],
}

function messageOf(name: MessageName, attributes: Record<string, unknown>, list: unknown[]): Message {
  const definition = DEFINITIONS[name]
  const head = ATTRIBUTES[name].map((attribute, i) => {
    if (!(attribute in attributes)) throw new Error(`the vectors for ${name} have no attribute ${attribute}`)
    const value = attribute === 'roles' ? { roles: attributes.roles } : attributes[attribute]
    return inOrderOf(list[i + 1], value)
  })
  const { args, kwargs, payload } = attributes
  return construct(
    definition,
    [definition.code, ...head],
    typeof payload === 'string'
      ? Payload.fromTransparent(new Uint8Array(Buffer.from(payload, 'hex')))
      : new Payload(
          (args as unknown[] | null) ?? undefined,
          (kwargs as Record<string, unknown> | null) ?? undefined,
        ),
  )
}

/** The value, its keys in the order of the sample's octets: the attributes list some of them in another. */
function inOrderOf(model: unknown, value: unknown): unknown {
  if (typeof model !== 'object' || model === null || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  const dict = value as Record<string, unknown>
  return { ...Object.fromEntries(Object.keys(model).map((key) => [key, dict[key]])), ...dict }
}

function octetsOf(variants: { bytes?: string; bytes_hex?: string }[] | undefined): Buffer[] {
  return (variants ?? []).map(({ bytes, bytes_hex }) =>
    bytes_hex === undefined ? Buffer.from(bytes as string) : Buffer.from(bytes_hex, 'hex'),
  )
}

const files = vectorsAreThere
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => ({ file, ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as VectorFile) }))
  : []

export const serializationSamples: readonly SerializationSample[] = files.flatMap(
  ({ file, wamp_message_type, samples }) =>
    samples.flatMap(({ description, serializers, expected_attributes }) =>
      serializers === undefined || expected_attributes === undefined
        ? []
        : {
            title: `${file}: ${description}`,
            octets: {
              json: octetsOf(serializers.json),
              msgpack: octetsOf(serializers.msgpack),
              cbor: octetsOf(serializers.cbor),
            },
            message: messageOf(
              wamp_message_type,
              expected_attributes,
              JSON.parse(String(octetsOf(serializers.json)[0])) as unknown[],
            ),
          },
    ),
)

export const validationSamples: readonly ValidationSample[] = files.flatMap(({ file, samples }) =>
  samples.flatMap(({ description, wmsg, expected_error }) =>
    wmsg === undefined
      ? []
      : { title: `${file}: ${description}`, list: wmsg, refused: expected_error?.contains },
  ),
)
