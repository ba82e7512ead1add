import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Which cores do what: what is measured has one of its own, and all else the other. */
export interface Cores {
  readonly measured: number
  readonly others: number
}

/**
 * Two cores, and this process on one of them; undefined where processes cannot be bound to cores.
 *
 * @param leftOut is told why not.
 */
export function chooseCores(leftOut: (what: string) => void): Cores | undefined {
  const cores = { measured: 0, others: 1 }
  if (availableParallelism() < 2) {
    leftOut('binding to cores: this machine has one only, so that all share it; figures are rough')
    return undefined
  }
  const bound = spawnSync('taskset', ['-a', '-p', '-c', String(cores.others), String(process.pid)])
  if (bound.status === 0) return cores
  leftOut('binding to cores: there is no `taskset`; figures are rougher')
  return undefined
}

/** The command that runs another one on this core. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command]
}
