import type { Whim } from './proxy.js'
import { Deck, Random } from './random.js'
import { inTime, turns } from './turns.js'
import { World } from './world.js'

export interface ChaosOptions {
  /** Says what is drawn. When octets arrive is up to the machine, so a run is not repeated to the last of them. */
  readonly seed: number
  /** How many things are done by clients. */
  readonly steps: number
}

export interface ChaosReport {
  /** How often each thing happened to connections. */
  readonly whims: ReadonlyMap<Whim, number>
  /** What became of calls, publications and so on. */
  readonly outcomes: ReadonlyMap<string, number>
}

/** Something that must not happen did. The message has the seed. */
export class ChaosFailure extends Error {
  override readonly name = 'ChaosFailure'
}

/** Of the chunks, so many suffer something; there are storms and lulls. */
const ROUGHNESS = { '0': 1, '0.02': 1, '0.04': 1, '0.08': 1 } as const
/** Steps of one kind of weather. */
const SPELL = 40
/** Things under way at once. */
const MOST_PENDING = 60

/**
 * Has clients over every transport live through chaos, and then looks what has become of them.
 *
 * @throws ChaosFailure
 */
export async function chaos({ seed, steps }: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed)
  const weather = new Deck(random, ROUGHNESS)
  const world = await World.open(random)
  const { ledger, members, proxy } = world
  try {
    for (let step = 0; step < steps; step++) {
      if (step % SPELL === 0) proxy.roughness = Number(weather.draw())
      random.oneOf(members).act()
      await turns(random.upTo(2))
      const pending = members.flatMap((member) => [...member.pending])
      if (pending.length > MOST_PENDING) await inTime('one of what is under way', Promise.race(pending))
      if (ledger.faults.length > 0) break
    }
    await world.settle()
    await world.expectAllThere()
    world.expectAllTrue()
  } catch (error) {
    ledger.fault('the world stood still:', error)
  }
  try {
    await world.end()
  } catch (error) {
    ledger.fault('the world did not come to its end:', error)
  }
  if (ledger.faults.length > 0)
    throw new ChaosFailure(
      `${ledger.faults.join('\n')}\n\nReproduce: CHAOS_SEED=${seed} CHAOS_STEPS=${steps} npm run chaos`,
    )
  return { whims: proxy.counts, outcomes: ledger.outcomes }
}
