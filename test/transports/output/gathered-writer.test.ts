import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { GatheredWriter } from '../../../src/transports/output/gathered-writer.js'
import { Outbox } from '../../../src/transports/output/outbox.js'
import { turns } from '../recorder.js'

const KIB = 1024

/** Messages without frames, so that a test can read what was written. */
const lines = {
  headerLength: () => 1,
  writeHeader(target: Uint8Array, at: number) {
    target[at] = 0x0a
  },
}

/** A socket that takes what it is given when the test says so. */
class Sink extends Writable {
  /** Each write: its pieces. */
  readonly writes: Uint8Array[][] = []
  isTaking = true
  #taken: (() => void) | undefined

  override _write(chunk: Uint8Array, _: unknown, taken: () => void): void {
    this.#take([chunk], taken)
  }

  override _writev(chunks: { chunk: Uint8Array }[], taken: () => void): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      taken,
    )
  }

  #take(pieces: Uint8Array[], taken: () => void): void {
    this.writes.push(pieces)
    if (this.isTaking) taken()
    else this.#taken = taken
  }

  /** Takes what waits. */
  resume(): void {
    this.isTaking = true
    this.#taken?.()
  }

  get text(): string {
    return this.writes
      .flat()
      .map((piece) => Buffer.from(piece).toString())
      .join('')
  }
}

function open(limit = 1024 * KIB) {
  const outbox = new Outbox()
  const framer = outbox.createFramer(jsonRelay(), lines)
  const overflowed = vi.fn()
  function add() {
    const sink = new Sink()
    const writer = new GatheredWriter(sink as unknown as Socket, framer, outbox, limit, { overflowed })
    return { sink, writer }
  }
  return { add, outbox, overflowed }
}

const encoded = (length: number) =>
  (jsonRelay().decode(Buffer.from(`[50,1,{},["${'x'.repeat(length)}"]]`)) as Result).payload

describe('a gathered writer', () => {
  it('writes a run of frames as one piece', async () => {
    const { sink, writer } = open().add()
    for (let i = 1; i <= 3; i++) writer.write(new Result(i, {}))
    expect(sink.writes).toEqual([])
    await turns()
    expect(sink.writes.length).toBe(1)
    expect(sink.writes[0]?.length).toBe(1)
    expect(sink.text).toBe('\n[50,1,{}]\n[50,2,{}]\n[50,3,{}]')
  })

  it('writes the same octets of an event to each subscriber', async () => {
    const { add } = open()
    const ends = [add(), add()]
    for (let id = 1; id <= 3; id++) {
      const event = new EventMessage(7, id, {})
      for (const { writer } of ends) writer.write(event)
    }
    await turns()
    const [first, second] = ends.map(({ sink }) => sink.writes)
    expect(first?.length).toBe(1)
    expect(first?.[0]?.length).toBe(1)
    expect(first).toEqual(second)
    expect(first?.[0]?.[0]?.byteOffset).toBe(second?.[0]?.[0]?.byteOffset)
  })

  it('copies short pieces together that lie apart, in the room that it takes back', async () => {
    const { add, outbox } = open()
    const ends = [add(), add()]
    for (let i = 1; i <= 10; i++) for (const { writer } of ends) writer.write(new Result(i, {}))
    outbox.slab.reserve(1)
    await turns()
    for (const { sink } of ends) {
      expect(sink.writes.length).toBe(1)
      expect(sink.writes[0]?.length).toBe(1)
      expect(sink.text.split('\n').length).toBe(11)
    }
  })

  it('does not copy long pieces, and writes them at once all the same', async () => {
    const { sink, writer } = open().add()
    const payload = encoded(10 * KIB)
    for (let i = 1; i <= 3; i++) writer.write(new Result(i, {}, payload))
    await turns()
    expect(sink.writes.length).toBe(1)
    expect(sink.writes[0]?.length).toBe(6)
    expect(sink.writes[0]?.[1]?.buffer).toBe(payload.encoded?.bytes.buffer)
    expect(sink.text.match(/\[50,\d,\{\},\["x{10240}"\]\]/g)?.length).toBe(3)
  })

  it('writes the rest later, when there is much', async () => {
    const { sink, writer } = open().add()
    const payload = new Payload(['x'.repeat(30 * KIB)])
    for (let i = 1; i <= 3; i++) writer.write(new Result(i, {}, payload))
    expect(sink.writes.length).toBe(1)
    writer.write(new Result(4, {}))
    await turns()
    expect(sink.writes.length).toBe(2)
    expect(sink.text.match(/\n\[50,\d/g)?.join('')).toBe('\n[50,1\n[50,2\n[50,3\n[50,4')
  })

  it('leaves alone what a socket has not yet taken', async () => {
    const { add } = open()
    const slow = add()
    const quick = add()
    slow.sink.isTaking = false
    for (let i = 1; i <= 500; i++) {
      slow.writer.write(new Result(i, {}))
      quick.writer.write(new Result(i, {}, new Payload(['y'.repeat(500)])))
      await turns()
    }
    slow.sink.resume()
    await turns()
    expect(slow.sink.text).toBe(Array.from({ length: 500 }, (_, i) => `\n[50,${i + 1},{}]`).join(''))
    // Nothing that waited, but the first, kept a slab from being freed.
    const waited = slow.sink.writes.flat().slice(1)
    expect(Math.max(...waited.map((piece) => piece.buffer.byteLength))).toBeLessThanOrEqual(8 * KIB)
  })

  it('copies out of a larger read what has to wait', async () => {
    const { sink, writer } = open().add()
    sink.isTaking = false
    const read = Buffer.alloc(64 * KIB)
    const at = read.write(`[50,1,{},["${'x'.repeat(5000)}"]]`)
    const { payload } = jsonRelay().decode(read.subarray(0, at)) as Result
    for (let i = 1; i <= 3; i++) {
      writer.write(new Result(i, {}, payload))
      await turns()
    }
    sink.resume()
    await turns()
    const pieces = sink.writes.flat().slice(2)
    expect(pieces.length).toBe(4)
    for (const piece of pieces) expect(piece.buffer).not.toBe(read.buffer)
  })

  it('says when too much would wait, and drops it', async () => {
    const { add, overflowed } = open(100 * KIB)
    const { sink, writer } = add()
    sink.isTaking = false
    writer.write(new Result(1, {}, new Payload(['x'.repeat(200 * KIB)])))
    expect(overflowed).not.toHaveBeenCalled()
    writer.write(new Result(2, {}))
    await turns()
    expect(overflowed).toHaveBeenCalledTimes(1)
    expect(overflowed.mock.calls[0]?.[0]).toBeGreaterThan(200 * KIB)
    sink.resume()
    await turns()
    expect(sink.text).not.toContain('[50,2')
  })

  it('writes nothing to a socket that has ended, nor what was discarded', async () => {
    const { add } = open()
    const { sink, writer } = add()
    writer.write(new Result(1, {}))
    sink.end()
    const other = add()
    other.writer.write(new Result(1, {}))
    other.writer.discard()
    await turns()
    expect(sink.writes).toEqual([])
    expect(other.sink.writes).toEqual([])
  })
})
