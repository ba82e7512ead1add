import { describe, expect, it } from 'vitest'
import { errorOfClose, unacceptableFrame, wrongFrameType } from '../../../src/transports/websocket/closing.js'

describe('the close code of the other end', () => {
  it.each([1000, 1001, 1005])('%d is no error', (code) => {
    expect(errorOfClose(code, 'bye')).toBeUndefined()
  })

  it.each([
    [1006, '', 'the connection was lost'],
    [1009, '', 'the other end closed the connection with code 1009 (message too long)'],
    [1011, 'oops', 'the other end closed the connection with code 1011 (internal error: oops)'],
    [4001, 'go', 'the other end closed the connection with code 4001 (go)'],
    [4002, '', 'the other end closed the connection with code 4002'],
  ])('%d with %j is: %s', (code, reason, sentence) => {
    expect(errorOfClose(code, reason)?.message).toBe(sentence)
  })

  it('is told with what the platform knows', () => {
    const cause = new Error('read ECONNRESET')
    const error = errorOfClose(1006, '', cause)
    expect(error?.message).toBe('the connection was lost (read ECONNRESET)')
    expect(error?.cause).toBe(cause)
  })
})

it('a frame that is not acceptable is told in a sentence', () => {
  const cause = Object.assign(new Error('RSV1 must be clear'), { code: 'WS_ERR_UNEXPECTED_RSV_1' })
  const error = unacceptableFrame(cause, 10)
  expect(error.message).toBe('a frame came that RFC 6455 does not allow (RSV1 must be clear)')
  expect(error.cause).toBe(cause)
})

it('a wrong type of frame is told in a sentence', () => {
  expect(wrongFrameType('cbor', false).message).toBe('a text frame came where wamp.2.cbor has binary frames')
})
