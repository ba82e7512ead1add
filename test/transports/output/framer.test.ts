import { describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { Framer } from '../../../src/transports/output/framer.js'
import { Slab } from '../../../src/transports/output/slab.js'
import { serverFraming } from '../../../src/transports/websocket/server-framing.js'

function framer() {
  const serializer = jsonRelay()
  const encode = vi.spyOn(serializer, 'encodeParts')
  return { framer: new Framer(serializer, serverFraming(false), new Slab()), encode, serializer }
}

function textOf({ target, start, end }: Framer): string {
  return target.toString('utf8', start, end)
}

describe('a framer', () => {
  it('lays frames one after the other', () => {
    const { framer: it } = framer()
    it.lay(new Result(1, {}))
    expect(textOf(it)).toBe('\ufffd\x09[50,1,{}]')
    const { end } = it
    it.lay(new Result(2, {}))
    expect(it.start).toBe(end)
  })

  it('lays a message once, however many it goes to, until the turn is over', () => {
    const { framer: it, encode } = framer()
    const event = new EventMessage(1, 2, {})
    it.lay(event)
    const { start, end } = it
    it.lay(event)
    expect([it.start, it.end]).toEqual([start, end])
    expect(encode).toHaveBeenCalledTimes(1)
    it.forget()
    it.lay(event)
    expect(encode).toHaveBeenCalledTimes(2)
  })

  it('refers to a long payload where it lies', () => {
    const { framer: it, serializer } = framer()
    const args = `["${'x'.repeat(5000)}"]`
    const { payload } = serializer.decode(Buffer.from(`[50,1,{},${args}]`)) as Result
    it.lay(new Result(2, {}, payload))
    expect(it.target.subarray(it.start, it.start + 2)).toEqual(Buffer.of(0x81, 126))
    expect(it.target.readUInt16BE(it.start + 2)).toBe('[50,2,{},]'.length + args.length)
    expect(it.target.toString('utf8', it.start + 4, it.end) + Buffer.from(it.tail ?? []).toString()).toBe(
      `[50,2,{},${args}]`,
    )
    it.lay(new Result(3, {}))
    expect(it.tail).toBeUndefined()
  })

  it('copies a short tail', () => {
    const serializer = {
      ...jsonRelay(),
      name: 'json' as const,
      encodeParts: () => ({ head: Buffer.from('ab'), tail: Buffer.from('cd') }),
    }
    const it = new Framer(serializer as never, serverFraming(true), new Slab())
    it.lay(new Result(1, {}))
    expect(textOf(it)).toBe('\ufffd\x04abcd')
    expect(it.tail).toBeUndefined()
  })

  it('lays nothing that cannot be serialized', () => {
    const { framer: it } = framer()
    it.lay(new Result(1, {}))
    const { end } = it
    const bad = new Result(2, {}, new Payload([Symbol('x')]))
    expect(() => it.lay(bad)).toThrow(UsageError)
    expect(() => it.lay(bad)).toThrow(UsageError)
    it.lay(new Result(3, {}))
    expect(it.start).toBe(end)
    expect(textOf(it)).toContain('[50,3,{}]')
  })
})
