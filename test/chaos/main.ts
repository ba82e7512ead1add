/**
 * The long run: `npm run chaos`. `CHAOS_RUNS` says how many worlds (100 by default), `CHAOS_STEPS` how many steps each
 * (2,000 by default), `CHAOS_SEED` which is the first; each next one has the next seed. With a seed there is one run.
 */
import { ChaosFailure, chaos } from './chaos.js'

const given = process.env.CHAOS_SEED
const first = numberOf('CHAOS_SEED', Math.floor(Math.random() * 2 ** 31))
const steps = numberOf('CHAOS_STEPS', 2_000)
const runs = numberOf('CHAOS_RUNS', given === undefined ? 100 : 1)

const began = performance.now()
for (let run = 0; run < runs; run++) {
  const seed = first + run
  const since = performance.now()
  try {
    const { whims, outcomes } = await chaos({ seed, steps })
    const seconds = ((performance.now() - since) / 1000).toFixed(1)
    console.log(`seed ${seed}, ${steps} steps, ${seconds} s: ${shown(whims)}; ${shown(outcomes)}`)
  } catch (error) {
    console.error(`seed ${seed}:`, error instanceof ChaosFailure ? error.message : error)
    process.exitCode = 1
  }
}
console.log(`${runs} runs, ${((performance.now() - began) / 1000).toFixed(0)} s`)

function shown(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function numberOf(variable: string, fallback: number): number {
  const text = process.env[variable]
  if (text === undefined) return fallback
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`${variable} must be a whole number, not ${text}`)
  return number
}
