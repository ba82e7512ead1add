import { describe, expect, it } from 'vitest'
import { type Call, Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../../src/serializers/msgpack/relay.js'
import { Recorder, turns } from '../recorder.js'
import { BINARY, CLOSE, frame, PING, PONG, TEXT, upgradeRequest } from './raw-client.js'
import { ask, listen, opened } from './test-listener.js'

const CALL = '[48,1,{},"com.example.f"]'
const KIB = 1024

describe('a server transport receives', () => {
  it('a message in fragments, with a character split and a ping between', async () => {
    const { client, recorder } = await opened()
    const octets = Buffer.from('[48,1,{},"com.example.f",["ä𝄞"]]')
    const cuts = [0, 3, octets.indexOf(0xc3) + 1, octets.indexOf(0xf0) + 2, octets.length]
    for (let i = 0; i + 1 < cuts.length; i++) {
      const fin = i + 2 === cuts.length
      client.send(i === 0 ? TEXT : 0, octets.subarray(cuts[i], cuts[i + 1]), { fin })
      if (!fin) client.send(PING, `${i}`)
    }
    const [call] = (await recorder.messagesUpTo(1)) as [Call]
    expect(call.payload.args).toEqual(['ä𝄞'])
    await client.framesUpTo(3)
    expect(client.frames.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [PONG, '0'],
      [PONG, '1'],
      [PONG, '2'],
    ])
  })

  it('an octet at a time', async () => {
    const { client, recorder } = await opened()
    for (const octet of frame(TEXT, CALL)) client.socket.write(Buffer.of(octet))
    await recorder.messagesUpTo(1)
  })

  it('frames that came with the request, after it was started', async () => {
    const listener = await listen()
    const first = Buffer.concat([
      Buffer.from(upgradeRequest('wamp.2.json')),
      frame(TEXT, CALL),
      frame(TEXT, CALL),
    ])
    await ask(listener, first)
    const { transport } = await listener.next()
    await turns(3)
    const recorder = new Recorder()
    transport.start(recorder)
    expect(recorder.order).toEqual([])
    await recorder.messagesUpTo(2)
  })

  it('what is no message, and rejects it', async () => {
    const { client, transport, recorder } = await opened()
    client.send(TEXT, '{}')
    client.send(TEXT, CALL)
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['rejection', 'message'])
    // It is the receiver that closes, and may say why before.
    transport.send(new Result(1, {}))
    transport.close()
    expect(await client.closeCode()).toBe(1000)
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([TEXT, CLOSE])
  })

  it.each([
    ['a binary frame', 'wamp.2.json', BINARY, 'a binary frame came where wamp.2.json has text frames'],
    ['a text frame', 'wamp.2.msgpack', TEXT, 'a text frame came where wamp.2.msgpack has binary frames'],
  ])('%s on %s, and rejects it', async (_, protocols, opcode, sentence) => {
    const { client, recorder } = await opened({ serializers: [jsonRelay(), msgpackRelay()] }, protocols)
    client.send(opcode, CALL)
    expect((await recorder.rejection()).message).toBe(sentence)
  })

  it.each([
    ['a frame that is not masked', frame(TEXT, CALL, { mask: false }), 1002, 'MASK must be set'],
    ['a reserved bit', frame(TEXT, CALL, { rsv: 4 }), 1002, 'RSV1 must be clear'],
    ['another reserved bit', frame(TEXT, CALL, { rsv: 1 }), 1002, 'RSV2 and RSV3 must be clear'],
    ['an unknown opcode', frame(5, CALL), 1002, 'invalid opcode 5'],
    ['a continuation of nothing', frame(0, CALL), 1002, 'invalid opcode 0'],
    ['a ping in fragments', frame(PING, '', { fin: false }), 1002, 'FIN must be set'],
    ['a ping that is too long', frame(PING, 'x'.repeat(126)), 1002, 'invalid payload length'],
    ['text that is not UTF-8', frame(TEXT, Buffer.of(0x5b, 0xff, 0x5d)), 1007, 'that is not UTF-8'],
    ['half a character', frame(TEXT, Buffer.of(0xc3)), 1007, 'that is not UTF-8'],
    ['a message that is too long', frame(TEXT, 'x'.repeat(5 * KIB)), 1009, 'longer than 4096 bytes'],
    [
      'a message that is too long in its fragments',
      Buffer.concat([frame(TEXT, 'x'.repeat(3 * KIB), { fin: false }), frame(0, 'x'.repeat(3 * KIB))]),
      1009,
      'longer than 4096 bytes',
    ],
    [
      'a message that claims to be endless',
      Buffer.of(0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      1009,
      'longer than 4096 bytes',
    ],
  ])('rejects %s, and closes', async (_, octets, code, sentence) => {
    const { client, transport, recorder } = await opened({ maxMessageSize: 4 * KIB })
    recorder.onRejection = () => transport.send(new Result(1, {}))
    client.socket.write(Buffer.concat([frame(TEXT, CALL), octets, frame(TEXT, CALL)]))
    expect(await client.closeCode()).toBe(code)
    client.socket.end()
    const error = await recorder.closing()
    expect(recorder.order).toEqual(['message', 'rejection', 'closing'])
    expect(recorder.rejections[0]?.message).toContain(sentence)
    expect(error?.message).toContain('the connection was closed because')
    expect(error?.cause).toBe(recorder.rejections[0])
  })

  it('a message of exactly the greatest size', async () => {
    const { client, recorder } = await opened({ maxMessageSize: 4 * KIB })
    client.send(TEXT, CALL.padEnd(4 * KIB))
    await recorder.messagesUpTo(1)
  })

  it('the end of a client that just goes', async () => {
    const { client, recorder, listener } = await opened()
    client.send(TEXT, CALL)
    client.socket.write(frame(TEXT, CALL).subarray(0, 5))
    await recorder.messagesUpTo(1)
    client.socket.resetAndDestroy()
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    expect(recorder.order).toEqual(['message', 'closing'])
    expect(listener.listener.connections.size).toBe(0)
  })

  it('the end of a client that goes without a close frame', async () => {
    const { client, recorder } = await opened()
    client.socket.end(frame(TEXT, CALL))
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    expect(recorder.order).toEqual(['message', 'closing'])
  })

  it('a close frame, and answers it after what it has gathered', async () => {
    const { client, transport, recorder } = await opened()
    recorder.onMessage = () => transport.send(new Result(1, {}))
    client.socket.write(Buffer.concat([frame(TEXT, CALL), frame(CLOSE, Buffer.of(0x03, 0xe9))]))
    expect(await recorder.closing()).toBeUndefined()
    expect(await client.closeCode()).toBe(1001)
    expect(client.frames.map(({ opcode }) => opcode)).toEqual([TEXT, CLOSE])
  })

  it('a close frame that tells of a fault', async () => {
    const { client, recorder } = await opened()
    client.send(CLOSE, Buffer.concat([Buffer.of(0x03, 0xea), Buffer.from('bad frame')]))
    expect((await recorder.closing())?.message).toBe(
      'the other end closed the connection with code 1002 (protocol error: bad frame)',
    )
  })
})
