import { Histogram } from '../generator/histogram.js'
import { type Load, Run, type Span } from '../generator/load.js'
import { NatsConnection } from './nats-connection.js'

const RING = 8192

/** The beginning of the subjects that a caller of this number is answered to. */
const inbox = (caller: number) => `_INBOX.${caller}.`

/** Requests and replies over a NATS server. */
export class NatsRpcLoad implements Load {
  #run: Run | undefined
  #inFlight = 0
  readonly #made: readonly Float64Array[]
  readonly #requests: number[]

  private constructor(
    private readonly callers: readonly NatsConnection[],
    private readonly callee: NatsConnection,
    private readonly inFlight: number,
    private readonly payload: Buffer,
  ) {
    this.#made = callers.map(() => new Float64Array(RING))
    this.#requests = callers.map(() => 0)
    for (const [index, caller] of callers.entries()) {
      const prefix = inbox(index).length
      caller.onMessage = (head) => this.#answered(index, Number(head.slice(prefix, head.indexOf(' '))))
      caller.onEnd = (reason) => this.#run?.fail(reason)
    }
    callee.onEnd = (reason) => this.#run?.fail(reason)
    callee.onMessage = (head) => {
      callee.add(`PUB ${head.slice(head.lastIndexOf(' ') + 1)} ${payload.length - 2}\r\n`)
      callee.add(payload)
    }
  }

  static async open(port: number, size: number, callers: number, inFlight: number): Promise<NatsRpcLoad> {
    const callee = await NatsConnection.open(port)
    callee.add('SUB echo 1\r\n')
    await callee.settled()
    const connections: NatsConnection[] = []
    for (let i = 0; i < callers; i++) {
      const caller = await NatsConnection.open(port)
      caller.add(`SUB ${inbox(i)}* 1\r\n`)
      await caller.settled()
      connections.push(caller)
    }
    return new NatsRpcLoad(connections, callee, inFlight, Buffer.from(`${'x'.repeat(size)}\r\n`))
  }

  run(milliseconds: number): Promise<Span> {
    this.#run = new Run(new Histogram())
    const last = this.#run.last(milliseconds, () => this.#inFlight === 0)
    for (const [index, caller] of this.callers.entries()) {
      for (let i = 0; i < this.inFlight; i++) this.#call(index, caller)
      caller.flush()
    }
    return last
  }

  close(): void {
    this.callee.close()
    for (const caller of this.callers) caller.close()
  }

  #call(index: number, caller: NatsConnection): void {
    const id = (this.#requests[index] as number) + 1
    this.#requests[index] = id
    const made = this.#made[index] as Float64Array
    made[id & (RING - 1)] = performance.now()
    this.#inFlight++
    caller.add(`PUB echo ${inbox(index)}${id} ${this.payload.length - 2}\r\n`)
    caller.add(this.payload)
  }

  #answered(index: number, id: number): void {
    const run = this.#run
    if (run === undefined) return
    const made = (this.#made[index] as Float64Array)[id & (RING - 1)] as number
    run.latency?.record((performance.now() - made) * 1000)
    run.messages++
    this.#inFlight--
    if (run.isOn) this.#call(index, this.callers[index] as NatsConnection)
    else if (this.#inFlight === 0) run.finish()
  }
}

/** One publisher and many subscribers of a NATS server. */
export class NatsFanOutLoad implements Load {
  #run: Run | undefined
  #outstanding = 0
  #publications = 0
  readonly #published = new Float64Array(RING)

  private constructor(
    private readonly publisher: NatsConnection,
    private readonly subscribers: readonly NatsConnection[],
    private readonly inFlight: number,
    private readonly publication: Buffer,
  ) {
    publisher.onEnd = (reason) => this.#run?.fail(reason)
    for (const subscriber of subscribers) {
      let seen = 0
      subscriber.onMessage = () => this.#delivered(++seen)
      subscriber.onEnd = (reason) => this.#run?.fail(reason)
    }
  }

  static async open(port: number, size: number, count: number, inFlight: number): Promise<NatsFanOutLoad> {
    const publisher = await NatsConnection.open(port)
    const subscribers: NatsConnection[] = []
    for (let i = 0; i < count; i++) {
      const subscriber = await NatsConnection.open(port)
      subscriber.add('SUB topic 1\r\n')
      await subscriber.settled()
      subscribers.push(subscriber)
    }
    const publication = Buffer.from(`PUB topic ${size}\r\n${'x'.repeat(size)}\r\n`)
    return new NatsFanOutLoad(publisher, subscribers, inFlight, publication)
  }

  run(milliseconds: number): Promise<Span> {
    this.#run = new Run(new Histogram())
    const last = this.#run.last(milliseconds, () => this.#outstanding === 0)
    this.#fill()
    return last
  }

  close(): void {
    this.publisher.close()
    for (const subscriber of this.subscribers) subscriber.close()
  }

  #delivered(publication: number): void {
    const run = this.#run
    if (run === undefined) return
    const published = this.#published[publication & (RING - 1)] as number
    run.latency?.record((performance.now() - published) * 1000)
    run.messages++
    this.#outstanding--
    if (run.isOn) this.#fill()
    else if (this.#outstanding === 0) run.finish()
  }

  #fill(): void {
    const { length } = this.subscribers
    if (this.#outstanding > (this.inFlight - 1) * length) return
    for (; this.#outstanding <= (this.inFlight - 1) * length; this.#outstanding += length) {
      this.#published[++this.#publications & (RING - 1)] = performance.now()
      this.publisher.add(this.publication)
    }
    this.publisher.flush()
  }
}
