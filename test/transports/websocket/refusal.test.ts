import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { refuseUpgrade } from '../../../src/transports/websocket/refusal.js'

it('a refusal is an HTTP response, and the end of the connection', async () => {
  const socket = new PassThrough()
  refuseUpgrade(socket, [400, 'Nö.', { 'X-Spoken': 'wamp.2.json' }])
  socket.emit('error', new Error('reset'))
  await once(socket, 'close')
  expect(socket.destroyed).toBe(true)
  const other = new PassThrough()
  refuseUpgrade(other, [503, 'Nö.', { 'X-Spoken': 'wamp.2.json' }])
  expect(other.read().toString()).toBe(
    'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n' +
      'Content-Length: 5\r\nX-Spoken: wamp.2.json\r\n\r\nNö.\n',
  )
})
