import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.js'
import type { Message } from '../../../src/messages/message.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { GatheredWriter } from '../../../src/transports/output/gathered-writer.js'
import { Outbox } from '../../../src/transports/output/outbox.js'
import { slowConsumerCounters, slowConsumers } from '../../../src/transports/output/slow-consumers.js'
import type { SlowConsumerPolicy } from '../../../src/transports/slow-consumer-policy.js'
import type { Transport } from '../../../src/transports/transport.js'
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
  text = ''
  #isTaking = false
  #taken: (() => void) | undefined

  constructor() {
    super({ highWaterMark: 1 })
  }

  override _write(chunk: Uint8Array, _: unknown, taken: () => void): void {
    this.text += Buffer.from(chunk).toString()
    if (this.#isTaking) taken()
    else this.#taken = taken
  }

  /** Takes one write. */
  take(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  resume(): void {
    this.#isTaking = true
    this.take()
  }

  /** The numbers of the messages that were written. */
  get numbers(): number[] {
    return [...this.text.matchAll(/\n\[\d+,(\d+)/g)].map(([, number]) => Number(number))
  }
}

function open(policy: SlowConsumerPolicy, limit: number) {
  const warn = vi.fn()
  const info = vi.fn()
  const counters = slowConsumerCounters()
  const policed = slowConsumers(policy, counters, { ...silentLogger, warn, info })
  if (policed === undefined) throw new Error('there is nobody who sees to slow consumers')
  const outbox = new Outbox()
  const framer = outbox.createFramer(jsonRelay(), lines)
  const add = (address = '10.0.0.1:1') => {
    const overflowed = vi.fn()
    const owner = { overflowed, info: { kind: 'sink', local: true, address } }
    const sink = new Sink()
    const writer = new GatheredWriter(sink as unknown as Socket, framer, outbox, limit, owner)
    writer.slowConsumers = policed
    return { sink, writer, overflowed }
  }
  return { add, policed, counters, warn, info }
}

const event = (number: number, length = 1000) =>
  new EventMessage(number, 1, {}, new Payload(['x'.repeat(length)]))
const result = (number: number, length = 1000) => new Result(number, {}, new Payload(['x'.repeat(length)]))

/** A writer for which something waits at the socket already: a RESULT with number 0. */
async function backedUp({ writer, sink }: { writer: GatheredWriter; sink: Sink }) {
  writer.write(new Result(1, {}))
  await turns()
  expect(sink.writableNeedDrain).toBe(true)
}

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A transport that can be paused. */
function sender() {
  const transport = { pauses: 0, pause: () => transport.pauses++, resume: () => transport.pauses-- }
  return transport as unknown as Transport & { pauses: number }
}

describe('what waits for a slow consumer', () => {
  it('is not given to the socket before that takes it, and leaves in order', async () => {
    const end = open('drop-oldest', 1024 * KIB).add()
    await backedUp(end)
    for (let i = 2; i <= 300; i++) {
      end.writer.write(i % 3 === 0 ? result(i) : event(i))
      if (i % 10 === 0) await turns()
    }
    expect(end.sink.writableLength).toBeLessThan(100)
    end.sink.take()
    await turns()
    expect(end.sink.writableLength).toBeGreaterThan(60 * KIB)
    expect(end.sink.writableLength).toBeLessThan(70 * KIB)
    end.sink.resume()
    await turns(20)
    expect(end.sink.numbers).toEqual(count(1, 300))
    // It has caught up: what follows goes straight to the socket again.
    end.writer.write(event(301))
    await turns()
    expect(end.sink.numbers).toEqual(count(1, 301))
  })

  it('is kept once for all of them, and spares the slab', async () => {
    const { add } = open('drop-oldest', 1024 * KIB)
    const ends = [add(), add()]
    for (const end of ends) await backedUp(end)
    const writes = ends.map(({ sink }) => vi.spyOn(sink, 'write'))
    for (let i = 2; i <= 300; i++) {
      const message = event(i)
      for (const { writer } of ends) writer.write(message)
      await turns()
    }
    for (const { sink } of ends) sink.resume()
    await turns(20)
    for (const { sink } of ends) expect(sink.numbers).toEqual(count(1, 300))
    const [first, second] = writes.map(({ mock }) => mock.calls.map(([chunk]) => chunk))
    expect(first?.length).toBe(299)
    for (const [i, chunk] of (first ?? []).entries()) expect(chunk).toBe(second?.[i])
  })

  it('is told whether it moves', async () => {
    const end = open('drop-oldest', 1024 * KIB).add()
    expect(end.writer.hasMoved()).toBe(false)
    await backedUp(end)
    for (let i = 2; i <= 200; i++) end.writer.write(event(i))
    expect(end.writer.hasMoved()).toBe(false)
    end.sink.take()
    await turns()
    expect([end.writer.hasMoved(), end.writer.hasMoved()]).toEqual([true, false])
  })

  it('leaves all at once when it is the end', async () => {
    const end = open('drop-oldest', 1024 * KIB).add()
    await backedUp(end)
    for (let i = 2; i <= 200; i++) end.writer.write(event(i))
    end.writer.end()
    expect(end.sink.writableLength).toBeGreaterThan(199_000)
    end.sink.resume()
    await turns(5)
    expect(end.sink.numbers).toEqual(count(1, 200))
    expect(end.sink.listenerCount('drain')).toBe(0)
  })
})

describe('drop-oldest', () => {
  it('drops the oldest events, and no other message', async () => {
    const { add, counters, warn, info } = open('drop-oldest', 100 * KIB)
    const end = add('10.0.0.1:1')
    await backedUp(end)
    for (let i = 2; i <= 1000; i++) end.writer.write(i % 25 === 0 ? result(i) : event(i))
    expect(counters.eventsDropped).toBeGreaterThan(800)
    end.sink.resume()
    await turns(20)
    const { numbers } = end.sink
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(numbers.length).toBe(1000 - counters.eventsDropped)
    expect(numbers.filter((number) => number % 25 === 0)).toEqual(count(1, 40).map((n) => n * 25))
    // The newest are there without a gap.
    const oldest = numbers.find((number, i) => i > 0 && number % 25 !== 0) as number
    expect(numbers.filter((number) => number >= oldest)).toEqual(count(oldest, 1000))
    expect(end.overflowed).not.toHaveBeenCalled()
    expect(warn.mock.calls).toEqual([
      ['10.0.0.1:1 reads too slowly: the oldest events that wait for it are dropped'],
    ])
    expect(info.mock.calls).toEqual([
      [`the connection of 10.0.0.1:1 has caught up: ${counters.eventsDropped} events were dropped`],
    ])
  })

  it('gives the connection up when that does not help', async () => {
    const { add, counters, info } = open('drop-oldest', 100 * KIB)
    const end = add()
    await backedUp(end)
    for (let i = 2; end.overflowed.mock.calls.length === 0; i++)
      end.writer.write(i === 2 ? event(i) : result(i))
    expect(counters.eventsDropped).toBe(1)
    expect(end.overflowed.mock.calls[0]?.[0]).toBeGreaterThan(100 * KIB)
    end.writer.discard()
    expect(info).toHaveBeenCalledWith('the connection of 10.0.0.1:1 has ended: 1 events were dropped')
  })

  it('drops an event that is longer than the limit, unless nothing waits', async () => {
    const { add, counters } = open('drop-oldest', 10 * KIB)
    const end = add()
    end.writer.write(event(1, 20 * KIB))
    await turns()
    end.writer.write(event(2, 20 * KIB))
    end.sink.resume()
    await turns(5)
    expect(end.sink.numbers).toEqual([1])
    expect(counters.eventsDropped).toBe(1)
  })

  it('counts what it takes to keep short events', async () => {
    const { add, counters } = open('drop-oldest', 100 * KIB)
    const end = add()
    await backedUp(end)
    for (let i = 2; i <= 1000; i++) end.writer.write(event(i, 1))
    expect(1000 - counters.eventsDropped).toBeLessThan(500)
  })
})

describe('pause-publisher', () => {
  const publish =
    ({ writer }: { writer: GatheredWriter }, message: Message) =>
    () =>
      writer.write(message)

  it('pauses who sends while half of the limit waits, until no more than a quarter does', async () => {
    const { add, policed, counters, warn, info } = open('pause-publisher', 400 * KIB)
    const end = add()
    await backedUp(end)
    const publisher = sender()
    const bystander = sender()
    let last = 1
    while (publisher.pauses === 0) policed.handle(publisher, undefined, publish(end, event(++last)))
    expect(last).toBeGreaterThan(160)
    expect(last).toBeLessThan(175)
    // What was under way is sent all the same.
    policed.handle(publisher, undefined, publish(end, event(++last)))
    expect([publisher.pauses, bystander.pauses, counters.publishersPaused]).toEqual([1, 0, 1])
    while (publisher.pauses === 1) {
      end.sink.take()
      await turns()
    }
    const left = last - end.sink.numbers.length
    expect(left).toBeLessThan(150)
    end.sink.resume()
    await turns(20)
    expect(end.sink.numbers).toEqual(count(1, last))
    expect(warn.mock.calls).toEqual([['10.0.0.1:1 reads too slowly: those who send to it are paused']])
    expect(info.mock.calls).toEqual([['the connection of 10.0.0.1:1 has caught up: nobody waits for it']])
  })

  it('pauses each sender once, for as many as it waits for', async () => {
    const { add, policed, counters } = open('pause-publisher', 200 * KIB)
    const ends = [add(), add()] as const
    for (const end of ends) await backedUp(end)
    const publisher = sender()
    for (let i = 2; i <= 130; i++)
      for (const end of ends) policed.handle(publisher, undefined, publish(end, event(i)))
    expect([publisher.pauses, counters.publishersPaused]).toEqual([1, 1])
    ends[0].sink.resume()
    await turns(20)
    expect(publisher.pauses).toBe(1)
    // The other one is gone.
    ends[1].writer.discard()
    expect(publisher.pauses).toBe(0)
  })

  it('pauses nobody for what is not sent for anybody', async () => {
    const { add, policed, counters } = open('pause-publisher', 200 * KIB)
    const end = add()
    await backedUp(end)
    policed.handle(sender(), undefined, () => {})
    for (let i = 2; i <= 130; i++) end.writer.write(event(i))
    // Nor one that cannot be.
    policed.handle({} as Transport, undefined, publish(end, event(131)))
    expect(counters.publishersPaused).toBe(0)
    expect(end.overflowed).not.toHaveBeenCalled()
    for (let i = 132; i <= 200; i++) end.writer.write(event(i))
    expect(end.overflowed).toHaveBeenCalled()
  })

  it('forgets a sender that has gone', async () => {
    const { add, policed } = open('pause-publisher', 200 * KIB)
    const end = add()
    await backedUp(end)
    const publisher = sender()
    for (let i = 2; i <= 130; i++) policed.handle(publisher, undefined, publish(end, event(i)))
    policed.left(publisher)
    end.sink.resume()
    await turns(20)
    expect(publisher.pauses).toBe(1)
  })

  it('pauses it again when it is needed again', async () => {
    const { add, policed, counters, warn, info } = open('pause-publisher', 200 * KIB)
    const end = add()
    const publisher = sender()
    for (let round = 1; round <= 2; round++) {
      await backedUp(end)
      for (let i = 2; publisher.pauses === 0; i++)
        policed.handle(publisher, undefined, publish(end, event(i)))
      while (end.sink.writableNeedDrain) {
        end.sink.take()
        await turns()
      }
      expect(publisher.pauses).toBe(0)
    }
    expect(counters.publishersPaused).toBe(2)
    expect([warn.mock.calls.length, info.mock.calls.length]).toEqual([2, 2])
  })
})
