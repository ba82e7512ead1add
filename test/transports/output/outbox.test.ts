import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { GatheredWriter } from '../../../src/transports/output/gathered-writer.js'
import { Outbox } from '../../../src/transports/output/outbox.js'
import { serverFraming } from '../../../src/transports/websocket/server-framing.js'
import { turns } from '../recorder.js'

it('an outbox ends a turn for all that wrote in it, and then begins another', async () => {
  const outbox = new Outbox()
  const serializer = jsonRelay()
  const encode = vi.spyOn(serializer, 'encodeParts')
  const framer = outbox.createFramer(serializer, serverFraming(false))
  const sockets = [new PassThrough(), new PassThrough()]
  const writers = sockets.map(
    (socket) =>
      new GatheredWriter(socket as unknown as Socket, framer, outbox, 1e6, { overflowed: () => {} }),
  )
  const event = new EventMessage(1, 1, {})
  for (const expected of [1, 2]) {
    for (const writer of writers) writer.write(event)
    writers[0]?.write(new Result(1, {}))
    await turns()
    expect(encode).toHaveBeenCalledTimes(expected * 2)
    expect(sockets[0]?.read().toString()).toContain('[50,1,{}]')
    expect(sockets[1]?.read().toString()).toContain('[36,1,1,{}]')
    expect(outbox.slab.reserve(1)).toBe(0)
    outbox.slab.giveBack(1)
  }
})
