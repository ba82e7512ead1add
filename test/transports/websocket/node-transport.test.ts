import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Hello, Welcome } from '../../../src/messages/session-lifecycle.js'
import { Router } from '../../../src/router.js'
import { json } from '../../../src/serializers/json/json.js'
import { dialWebSocket } from '../../../src/transports/websocket/dial-node.js'
import { NodeTransport } from '../../../src/transports/websocket/node-transport.js'
import { Recorder } from '../recorder.js'
import { TestClock } from '../test-clock.js'

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

async function listening(): Promise<string> {
  const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
  opened.push(router)
  return router.urls[0] ?? ''
}

describe("a client's WebSocket", () => {
  it('finds out by itself that the other end is gone', async () => {
    const transport = await dialWebSocket(await listening(), [json()])
    opened.push(transport)
    expect(transport.hasHeartbeat).toBe(true)
  })

  it('whose socket cannot be had carries messages, and leaves it to its user to ask who is there', async () => {
    const ws = new WebSocket(await listening(), ['wamp.2.json'])
    await new Promise((resolve) => ws.once('open', resolve))
    const clock = new TestClock()
    const transport = new NodeTransport(ws, undefined, json(), {
      clock,
      heartbeat: 1_000,
      maxMessageSize: 10_000,
    })
    opened.push(transport)
    expect(transport.hasHeartbeat).toBe(false)
    const recorder = new Recorder()
    transport.start(recorder)
    transport.send(new Hello('realm1', { roles: { caller: {} } }))
    expect((await recorder.messagesUpTo(1))[0]).toBeInstanceOf(Welcome)
    for (let beats = 0; beats < 5; beats++) clock.pass(1_000)
    transport.close()
    expect(await recorder.closing()).toBeUndefined()
  })
})
