/** A CPU profile as V8 writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  /** The node that ran when each sample was taken, and the microseconds since the sample before. */
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface SelfTime {
  readonly name: string
  /** Of the time in which the process was not idle, from 0 to 1. */
  readonly share: number
}

export interface ProfileSummary {
  /** Milliseconds in which the process was not idle. */
  readonly busy: number
  readonly functions: readonly SelfTime[]
  readonly files: readonly SelfTime[]
}

/** Not work. `(program)` is native code, system calls among it. */
const IDLE = '(idle)'

/** Where time went by itself, callees not included, the most first. @param root what file names are told relative to. */
export function summarize(profile: CpuProfile, root: string): ProfileSummary {
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.replace(`${root}/`, '')
      const name = functionName === '' ? '(anonymous)' : functionName
      return [
        id,
        { name, file: file === '' ? name : file, place: file === '' ? '' : `${file}:${lineNumber + 1}` },
      ]
    }),
  )
  const functions = new Map<string, number>()
  const files = new Map<string, number>()
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const node = names.get(id)
    // A sample stands for the time until the next one.
    const time = profile.timeDeltas[index + 1] ?? 0
    if (node === undefined || node.name === IDLE) continue
    busy += time
    const label = `${node.name}  ${node.place}`.trim()
    functions.set(label, (functions.get(label) ?? 0) + time)
    files.set(node.file, (files.get(node.file) ?? 0) + time)
  }
  return { busy: busy / 1000, functions: shares(functions, busy), files: shares(files, busy) }
}

function shares(times: ReadonlyMap<string, number>, all: number): SelfTime[] {
  return [...times].sort(([, a], [, b]) => b - a).map(([name, time]) => ({ name, share: time / all }))
}
