/**
 * Plays the suite of all transports in whatever runtime runs this: bundled by `program.ts`, told what to play by a file,
 * and tells what came of each case as a line of JSON.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { inspect } from 'node:util'
import { casesOver } from '../every-transport/cases.js'
import { formatNamed } from '../every-transport/formats.js'
import { type Ground, openPlace, serializerFor } from '../every-transport/places.js'
import { Stage } from '../every-transport/stage.js'
import type { Outcome, Pair } from './outcome.js'

/** Milliseconds after which a case that has not ended has failed. */
const LONGEST_CASE = 10_000

interface Plan {
  readonly ground: Ground
  readonly pairs: readonly Pair[]
}

function tell(outcome: Outcome): void {
  console.log(JSON.stringify(outcome))
}

/** Rejects if it takes too long. */
async function inTime<T>(promise: PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${LONGEST_CASE} ms`)), LONGEST_CASE)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function playPair({ ground }: Plan, { transport, format }: Pair): Promise<void> {
  const open = () => openPlace[transport](ground)
  const serializer = serializerFor(transport, formatNamed(format))
  const place = await inTime(open())
  const stage = await inTime(Stage.set({ place, openPlace: open, serializer }))
  for (const { name, play } of casesOver(transport)) {
    const begin = performance.now()
    try {
      await inTime(stage.play(play))
      tell({ transport, format, name, time: performance.now() - begin })
    } catch (error) {
      tell({ transport, format, name, time: performance.now() - begin, error: inspect(error) })
    }
  }
  await inTime(stage[Symbol.asyncDispose]())
  await inTime(place[Symbol.asyncDispose]())
}

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Plan
for (const pair of plan.pairs) {
  try {
    await playPair(plan, pair)
  } catch (error) {
    tell({ ...pair, name: 'begins and ends', time: 0, error: inspect(error) })
  }
}
process.exit(0)
