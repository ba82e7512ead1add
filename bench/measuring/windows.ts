import type { Load } from '../generator/load.js'
import type { MeasuredProcess } from './measured-process.js'
import { median } from './median.js'

/** Who is measured under which load. */
export interface Lane {
  readonly label: string
  readonly measured: MeasuredProcess
  readonly load: Load
}

/** For how long, in milliseconds, and how often. */
export interface Windows {
  readonly rounds: number
  readonly window: number
  readonly warmUp: number
}

/** What was measured of one lane. */
export interface Measured {
  readonly label: string
  /** Microseconds of CPU time for a message, in each round. */
  readonly cpu: readonly number[]
  readonly perSecond: number
  /** Microseconds, in each round. */
  readonly p50: readonly number[]
  readonly p99: readonly number[]
  /** How busy the generator was, from 0 to 1: at 1 the peer could have done more. */
  readonly generator: number
  /** Why there are no figures. */
  readonly failure?: string
}

interface Sample {
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly generator: number
}

/**
 * Measures all lanes in turns: first one window of each, then another of each, the other way round. So whatever else
 * happens on the machine happens to all of them, and their ratios can be trusted more than their figures.
 */
export async function measureInTurns(lanes: readonly Lane[], windows: Windows): Promise<Measured[]> {
  const samples = lanes.map((): Sample[] => [])
  const failures = new Map<Lane, string>()
  const attempt = async (lane: Lane, work: () => Promise<unknown>) => {
    if (failures.has(lane)) return
    await work().catch((error: unknown) =>
      failures.set(lane, error instanceof Error ? error.message : String(error)),
    )
  }
  for (const lane of lanes) await attempt(lane, () => warmUp(lane.load, windows.warmUp))
  for (let round = 0; round < windows.rounds; round++) {
    const order = [...lanes.entries()]
    if (round % 2 === 1) order.reverse()
    for (const [index, lane] of order)
      await attempt(lane, async () => samples[index]?.push(await sample(lane, windows.window)))
  }
  return lanes.map((lane, index) => {
    const failure = failures.get(lane)
    return summary(lane.label, samples[index] ?? [], failure)
  })
}

/** Messages after which the code of a peer has been compiled, and how often a warm-up may be repeated until then. */
const WARM = 10_000
const MOST_WARM_UPS = 4

/** On a machine that is slow, or busy, time alone does not warm anything up. */
async function warmUp(load: Load, milliseconds: number): Promise<void> {
  for (let times = 0, messages = 0; times < MOST_WARM_UPS && messages < WARM; times++)
    messages += (await load.run(milliseconds)).messages
}

async function sample({ measured, load }: Lane, window: number): Promise<Sample> {
  const before = await measured.usage()
  const own = process.cpuUsage()
  const { messages, milliseconds, latency } = await load.run(window)
  const { user, system } = process.cpuUsage(own)
  const after = await measured.usage()
  return {
    cpu: (after.cpu - before.cpu) / messages,
    perSecond: (messages / milliseconds) * 1000,
    p50: latency?.percentile(0.5) ?? Number.NaN,
    p99: latency?.percentile(0.99) ?? Number.NaN,
    generator: (user + system) / 1000 / milliseconds,
  }
}

function summary(label: string, samples: readonly Sample[], failure: string | undefined): Measured {
  const all = (key: keyof Sample) => samples.map((one) => one[key])
  return {
    label,
    cpu: all('cpu'),
    perSecond: median(all('perSecond')),
    p50: all('p50'),
    p99: all('p99'),
    generator: median(all('generator')),
    ...(failure === undefined ? {} : { failure }),
  }
}

/** How many times as much `one` was as `other`, both measured in the same rounds: the median of that. */
export function ratio(one: readonly number[], other: readonly number[]): number {
  return median(
    one.flatMap((value, round) => {
      const base = other[round]
      return base === undefined ? [] : [value / base]
    }),
  )
}
