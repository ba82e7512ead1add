import { ProtocolError, TransportError } from '../../errors.js'
import type { SerializerName } from '../../serializers/serializer.js'

/** Said by the end that closes in order. */
export const NORMAL_CLOSURE = 1000
/** A page was left, or a server is shut down. */
const GOING_AWAY = 1001
const NO_CODE = 1005
const LOST = 1006

/** Milliseconds that the other end has to answer a closing handshake. */
export const CLOSE_TIMEOUT = 5_000

const MEANINGS: Readonly<Record<number, string>> = {
  1002: 'protocol error',
  1003: 'unacceptable data',
  1007: 'invalid text',
  1008: 'policy violation',
  1009: 'message too long',
  1011: 'internal error',
  1012: 'restart',
  1013: 'try again later',
}

/**
 * What the close code of the other end tells; undefined if it closed in order.
 *
 * Spec: RFC 6455, section 7.4.
 */
export function errorOfClose(code: number, reason: string, cause?: unknown): TransportError | undefined {
  if (code === NORMAL_CLOSURE || code === GOING_AWAY || code === NO_CODE) return undefined
  const options = cause === undefined ? undefined : { cause }
  if (code === LOST) return new TransportError(`the connection was lost${because(cause)}`, options)
  const meaning = [MEANINGS[code], reason].filter(Boolean).join(': ')
  return new TransportError(
    `the other end closed the connection with code ${code}${meaning && ` (${meaning})`}`,
    options,
  )
}

/** A frame came that `ws` does not let pass: too long, no UTF-8, or against the rules of frames. */
export function unacceptableFrame(error: Error, maxMessageSize: number): ProtocolError {
  return isTooLong(error)
    ? tooLong(maxMessageSize, error)
    : new ProtocolError(sentenceFor(error), { cause: error })
}

/** A message came that is longer than may be. */
export function tooLong(maxMessageSize: number, cause?: Error): ProtocolError {
  const options = cause === undefined ? undefined : { cause }
  return new ProtocolError(`a message came that is longer than ${maxMessageSize} bytes`, {
    ...options,
    limit: 'size',
  })
}

/** Spec: rfc/text/basic/building_blocks.md, "WebSocket Transport". */
export function wrongFrameType(name: SerializerName, isBinary: boolean): ProtocolError {
  const [came, due] = isBinary ? ['binary', 'text'] : ['text', 'binary']
  return new ProtocolError(`a ${came} frame came where wamp.2.${name} has ${due} frames`)
}

function sentenceFor(error: Error): string {
  if (codeOf(error) === 'WS_ERR_INVALID_UTF8') return 'a text frame came that is not UTF-8'
  return `a frame came that RFC 6455 does not allow (${error.message})`
}

function isTooLong(error: Error): boolean {
  const code = codeOf(error)
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'
}

function codeOf(error: Error): unknown {
  return (error as { code?: unknown }).code
}

function because(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
}
