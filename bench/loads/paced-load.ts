import { Histogram } from '../generator/histogram.js'
import { type Load, Run, type Span } from '../generator/load.js'
import type { Caller, EchoingCallee } from './rpc-load.js'

/**
 * So many calls a second, answered or not: what users of a peer feel that is not at its limit. Time counts from when a
 * call was due, so that a peer that stands still cannot hide it by being asked less.
 */
export class PacedLoad implements Load {
  #run: Run | undefined

  constructor(
    private readonly caller: Caller,
    private readonly callee: EchoingCallee,
    private readonly perSecond: number,
  ) {
    callee.onRefusal = (reason) => this.#run?.fail(reason)
  }

  run(milliseconds: number): Promise<Span> {
    const { caller } = this
    const run = new Run(new Histogram())
    this.#run = run
    const interval = 1000 / this.perSecond
    let due = performance.now()
    const pace = () => {
      if (!run.isOn) return
      const now = performance.now()
      if (due <= now) {
        for (; due <= now; due += interval) caller.callDueAt(run, due)
        caller.flush()
      }
      setImmediate(pace)
    }
    const last = run.last(milliseconds, () => caller.inFlight === 0)
    pace()
    return last
  }

  check(): void {
    this.#run?.finish()
  }

  close(): void {
    this.caller.close()
    this.callee.close()
  }
}
