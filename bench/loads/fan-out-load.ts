import type { Connection } from '../generator/connection.js'
import type { FrameReceiver } from '../generator/frame-reader.js'
import type { FrameTemplate } from '../generator/frame-template.js'
import { Histogram } from '../generator/histogram.js'
import { type Load, Run, type Span } from '../generator/load.js'
import type { MessageIds } from '../generator/message-ids.js'

/** More publications than there may be on their way, as a power of two. */
const RING = 1024

/** Counts what comes. Events come in order, so the nth one of a subscriber is the nth publication. */
class CountingSubscriber implements FrameReceiver {
  seen = 0

  constructor(
    readonly connection: Connection,
    private readonly load: FanOutLoad,
  ) {
    connection.receiver = this
    connection.onEnd = (reason) => load.fail(reason)
  }

  frame(): void {
    this.load.delivered(++this.seen)
  }
}

/** A publisher that keeps so many publications on their way to all subscribers. */
export class FanOutLoad implements Load {
  readonly #subscribers: readonly CountingSubscriber[]
  readonly #published = new Float64Array(RING)
  #run: Run | undefined
  #publications = 0
  /** Events that are on their way. */
  #outstanding = 0

  constructor(
    private readonly publisher: Connection,
    subscribers: readonly Connection[],
    private readonly ids: MessageIds,
    private readonly publish: FrameTemplate,
    private requestId: number,
    private readonly inFlight: number,
  ) {
    publisher.receiver = {
      frame: (octets, at, length) => this.fail(octets.subarray(at, at + length).toString()),
    }
    publisher.onEnd = (reason) => this.fail(reason)
    this.#subscribers = subscribers.map((connection) => new CountingSubscriber(connection, this))
  }

  fail(reason: string): void {
    this.#run?.fail(reason)
  }

  run(milliseconds: number): Promise<Span> {
    this.#run = new Run(new Histogram())
    const last = this.#run.last(milliseconds, () => this.#outstanding === 0)
    this.#fill()
    return last
  }

  delivered(publication: number): void {
    const run = this.#run
    if (run === undefined) return
    const published = this.#published[publication & (RING - 1)] as number
    run.latency?.record((performance.now() - published) * 1000)
    run.messages++
    this.#outstanding--
    if (run.isOn) this.#fill()
    else if (this.#outstanding === 0) run.finish()
  }

  close(): void {
    this.publisher.close()
    for (const { connection } of this.#subscribers) connection.close()
  }

  #fill(): void {
    const { length } = this.#subscribers
    if (this.#outstanding > (this.inFlight - 1) * length) return
    for (; this.#outstanding <= (this.inFlight - 1) * length; this.#outstanding += length) {
      this.#published[++this.#publications & (RING - 1)] = performance.now()
      this.publisher.add(this.publish, this.ids.scratch, 0, this.ids.write(++this.requestId))
    }
    this.publisher.flush()
  }
}
