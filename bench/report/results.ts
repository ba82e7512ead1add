import type { Measured, Windows } from '../measuring/windows.js'

/** What was measured by windows, in turns: CPU for each message, throughput and latency. */
export interface WindowsResult {
  readonly kind: 'windows'
  readonly id: string
  readonly title: string
  /** What a message is: a call, or an event that is delivered. */
  readonly unit: 'call' | 'event'
  /** The label of the row that the others are compared with. */
  readonly baseline: string
  readonly rows: readonly Measured[]
}

/** What was measured otherwise: named values. */
export interface ValuesResult {
  readonly kind: 'values'
  readonly id: string
  readonly title: string
  /** The names of the values, with their units, in the order of their columns. */
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly label: string
    readonly values: readonly number[]
    readonly failure?: string
  }[]
}

export type ScenarioResult = WindowsResult | ValuesResult

/** What came of a target. Within noise: missed by no more than 25 %, where the figure is a ratio of two measurements. */
export type Verdict = 'met' | 'within noise' | 'not met' | 'not measured'

export interface TargetResult {
  readonly target: string
  readonly limit: number
  /** Undefined if it was not measured. */
  readonly value?: number
  readonly verdict: Verdict
}

/** Where and how it was measured. */
export interface Machine {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Is every process bound to a core? */
  readonly bound: boolean
  /** Has `ws` the native code for masks, in the router and in the relay? */
  readonly bufferutil: boolean
}

/** All of one run of the benchmarks. */
export interface Results {
  readonly when: string
  readonly machine: Machine
  readonly windows: Windows
  readonly quick: boolean
  readonly leftOut: readonly string[]
  readonly scenarios: readonly ScenarioResult[]
  readonly targets: readonly TargetResult[]
}
