import { type Dict, EMPTY_DICT } from '../messages/dictionaries.js'

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
