import { UsageError } from '../errors.js'
import { type Dict, EMPTY_DICT } from '../messages/dictionaries.js'
import type { Payload } from '../messages/payload.js'
import type { Features, RouterRole } from '../sessions/features.js'
import { spellOut } from '../spelling.js'

/** How to read a payload that only its ends can read. Spec: rfc/text/advanced/payload_passthru_mode.md. */
export interface Passthru {
  /** `wamp`, `mqtt`, or one of your own that begins with `x_`. */
  scheme: string
  /** What the bytes were written by: `cbor`, `msgpack`, `json`, `flatbuffers`, `native`, … */
  serializer?: string
  /** What they were encrypted by: `xsalsa20poly1305`, `aes256gcm`, … */
  cipher?: string
  /** Names the key to whoever has it. */
  keyid?: string
}

/** Payload passthru mode, and the older payload transparency. */
const KEYS = [
  'ppt_scheme',
  'ppt_serializer',
  'ppt_cipher',
  'ppt_keyid',
  'enc_algo',
  'enc_serializer',
  'enc_key',
] as const

/**
 * What the options of a message tell of how to read its payload. It goes where the payload goes: whoever gets the one
 * without the other takes the message for a violation of the protocol.
 *
 * Spec: rfc/text/advanced/payload_passthru_mode.md.
 */
export function passthru(options: Dict): Dict {
  if (options === EMPTY_DICT) return EMPTY_DICT
  let told: Record<string, unknown> | undefined
  for (const key of KEYS) {
    if (options[key] === undefined) continue
    told ??= {}
    told[key] = options[key]
  }
  return told ?? EMPTY_DICT
}

/** Is the payload that goes with these options one that only its ends can read? */
export function usesPassthru({ ppt_scheme }: Dict): boolean {
  return typeof ppt_scheme === 'string' && ppt_scheme !== ''
}

/** @throws UsageError if the router does not carry such payload. */
export function expectPassthru(router: Features, role: RouterRole): void {
  if (!router.has(role, 'payload_passthru_mode'))
    throw new UsageError('passthru cannot be used: the router does not support payload_passthru_mode')
}

/** @throws UsageError if the payload is not one binary value: it must not leave in the clear, marked as sealed. */
export function expectSealed({ args, kwargs }: Payload): void {
  if (args.length !== 1 || !(args[0] instanceof Uint8Array) || Object.keys(kwargs).length > 0)
    throw new UsageError('with passthru the only argument must be one Uint8Array, and there are no keywords')
}

/**
 * The options that say how to read `payload`.
 *
 * @throws UsageError if the router does not carry such payload, or it is not one binary value.
 */
export function passthruOptions(told: Passthru, payload: Payload, router: Features, role: RouterRole): Dict {
  expectPassthru(router, role)
  if (typeof told.scheme !== 'string' || told.scheme === '')
    throw new UsageError('passthru needs a scheme, such as wamp, mqtt or x_…')
  expectSealed(payload)
  return spellOut({}, told, ['scheme', 'serializer', 'cipher', 'keyid'], 'ppt_')
}
