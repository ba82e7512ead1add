import type { Connection } from '../generator/connection.js'
import type { FrameReceiver } from '../generator/frame-reader.js'
import type { FrameTemplate } from '../generator/frame-template.js'
import { Histogram } from '../generator/histogram.js'
import { type Load, Run, type Span } from '../generator/load.js'
import type { MessageIds } from '../generator/message-ids.js'

/** The codes of messages that say that something went wrong: ABORT and ERROR. */
const isRefusal = (code: number): boolean => code === 3 || code === 8

/** Answers every call, and reads nothing of it but its id. */
export class EchoingCallee implements FrameReceiver {
  onRefusal: (reason: string) => void = () => {}

  constructor(
    private readonly connection: Connection,
    private readonly ids: MessageIds,
    private readonly answer: FrameTemplate,
  ) {
    connection.receiver = this
    connection.onEnd = (reason) => this.onRefusal(reason)
  }

  frame(octets: Buffer, at: number, length: number): void {
    this.ids.scan(octets, at)
    if (isRefusal(this.ids.code)) this.onRefusal(octets.subarray(at, at + length).toString())
    else this.connection.add(this.answer, octets, this.ids.start, this.ids.end)
  }

  close(): void {
    this.connection.close()
  }
}

/** More calls than a caller may ever have in flight, as a power of two. */
const RING = 8192

/** Calls again as soon as it is answered, so that there are always as many calls in flight; or only when it is told to. */
export class Caller implements FrameReceiver {
  inFlight = 0
  run: Run | undefined
  #callsAgain = true
  /** When each call was made, by its id. */
  readonly #made = new Float64Array(RING)

  constructor(
    private readonly connection: Connection,
    private readonly ids: MessageIds,
    private readonly call: FrameTemplate,
    private requestId: number,
    private readonly onIdle: () => void,
  ) {
    connection.receiver = this
    connection.onEnd = (reason) => this.run?.fail(reason)
  }

  begin(run: Run, calls: number): void {
    this.run = run
    for (let i = 0; i < calls; i++) this.#call()
    this.connection.flush()
  }

  frame(octets: Buffer, at: number, length: number): void {
    const { run, ids } = this
    if (run === undefined) return
    ids.scan(octets, at)
    if (isRefusal(ids.code)) return run.fail(octets.subarray(at, at + length).toString())
    const made = this.#made[ids.value(octets) & (RING - 1)] as number
    run.latency?.record((performance.now() - made) * 1000)
    run.messages++
    this.inFlight--
    if (run.isOn) {
      if (this.#callsAgain) this.#call()
    } else if (this.inFlight === 0) this.onIdle()
  }

  /** Makes one call, which was due at some time before; it leaves with the next flush. */
  callDueAt(run: Run, due: number): void {
    this.run = run
    this.#callsAgain = false
    this.#call(due)
  }

  flush(): void {
    this.connection.flush()
  }

  close(): void {
    this.connection.close()
  }

  #call(due = performance.now()): void {
    const id = ++this.requestId
    this.inFlight++
    this.#made[id & (RING - 1)] = due
    this.connection.add(this.call, this.ids.scratch, 0, this.ids.write(id))
  }
}

/** Callers that each keep so many calls in flight to one callee. */
export class RpcLoad implements Load {
  #run: Run | undefined

  constructor(
    private readonly callers: readonly Caller[],
    /** Where the other side is the generator's as well. */
    private readonly callee: EchoingCallee | undefined,
    private readonly inFlight: number,
  ) {
    if (callee !== undefined) callee.onRefusal = (reason) => this.#run?.fail(reason)
  }

  run(milliseconds: number): Promise<Span> {
    const run = new Run(new Histogram())
    this.#run = run
    const last = run.last(milliseconds, () => this.#isIdle)
    for (const caller of this.callers) caller.begin(run, this.inFlight)
    return last
  }

  /** To be told by its callers that they have no call left. */
  check(): void {
    if (this.#isIdle) this.#run?.finish()
  }

  close(): void {
    for (const caller of this.callers) caller.close()
    this.callee?.close()
  }

  get #isIdle(): boolean {
    return this.callers.every(({ inFlight }) => inFlight === 0)
  }
}
