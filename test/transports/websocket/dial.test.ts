import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { json } from '../../../src/serializers/json/json.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import {
  cannotReach,
  checkDial,
  chosenSerializer,
  nothingInCommon,
  shownUrl,
} from '../../../src/transports/websocket/dial.js'

describe('dialing', () => {
  it.each([
    ['ws://me:secret@host:8080/ws?token=1', 'ws://host:8080/ws'],
    ['wss://host', 'wss://host'],
    ['WS://HOST:80/', 'ws://host'],
  ])('%s is shown as %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown)
  })

  it('takes URLs of WebSockets only', () => {
    expect(checkDial('ws://localhost', [json()])).toBeUndefined()
    expect(checkDial('WSS://localhost', [json()])).toBeUndefined()
    for (const url of ['http://localhost', 'ws:/localhost', 'ws://a b', 'ws://localhost#a'])
      expect(() => checkDial(url, [json()])).toThrow(UsageError)
    expect(() => checkDial('ws://localhost', [])).toThrow(UsageError)
  })

  it('finds what was chosen', () => {
    const offered = [json(), msgpack()]
    expect(chosenSerializer('wamp.2.msgpack', offered)).toBe(offered[1])
    expect(chosenSerializer('wamp.2.cbor', offered)).toBeUndefined()
    expect(chosenSerializer(undefined, offered)).toBeUndefined()
  })

  it('says what failed', () => {
    expect(nothingInCommon('ws://a', 'soap', [json()]).message).toBe(
      'cannot reach ws://a: of the subprotocols offered (wamp.2.json) it chose soap',
    )
    const cause = new Error('x')
    expect(cannotReach('ws://a', 'no', cause).cause).toBe(cause)
    expect('cause' in cannotReach('ws://a', 'no')).toBe(false)
  })
})
