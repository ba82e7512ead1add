import type { Cores } from '../measuring/cores.js'
import type { ProcessOptions } from '../measuring/measured-process.js'
import type { Measured, Windows } from '../measuring/windows.js'
import type { PeerName } from '../peers.js'
import type { ScenarioResult } from '../report/results.js'

/** How this run measures. */
export interface Bench {
  readonly cores: Cores | undefined
  /** For the Node of what is measured. */
  readonly nodeOptions: readonly string[]
  readonly windows: Windows
  readonly isQuick: boolean
  /** Those that are there, and were asked for. */
  readonly peers: readonly PeerName[]
}

/** One thing that is measured. */
export interface Scenario {
  /** Its id begins with the name of its group. */
  readonly id: string
  readonly title: string
  /** Is it part of a quick run? */
  readonly isQuick: boolean
  run(bench: Bench): Promise<ScenarioResult>
}

/** How a measured process is started. */
export const asMeasured = ({ cores, nodeOptions }: Bench): ProcessOptions => ({
  core: cores?.measured,
  nodeOptions,
})

/** Closes all that was opened, in the opposite order, whatever happens meanwhile. */
export async function withOpened<T>(
  work: (opened: (close: () => unknown) => void) => Promise<T>,
): Promise<T> {
  const closers: (() => unknown)[] = []
  try {
    return await work((close) => closers.push(close))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** The row of somebody who could not even be prepared. */
export function failed(label: string, error: unknown): Measured {
  const failure = error instanceof Error ? error.message : String(error)
  return { label, cpu: [], perSecond: Number.NaN, p50: [], p99: [], generator: Number.NaN, failure }
}
