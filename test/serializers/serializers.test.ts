import { describe, expect, test } from 'vitest'
import { subprotocolOf } from '../../src/serializers/serializer.js'
import { serializerSuite } from './serializer-suite.js'
import { formats } from './six.js'

describe.each(formats)('$name of a client', (format) => serializerSuite(format, format.client))
describe.each(formats)('$name of a router', (format) => serializerSuite(format, format.relay))

test('each format has its subprotocol [building_blocks.md#websocket-transport]', () => {
  expect(formats.map(({ client }) => subprotocolOf(client()))).toEqual([
    'wamp.2.json',
    'wamp.2.msgpack',
    'wamp.2.cbor',
  ])
  for (const { name, client, relay } of formats)
    for (const serializer of [client(), relay()]) {
      expect(serializer.name).toBe(name)
      expect(serializer.binary).toBe(name !== 'json')
    }
})
