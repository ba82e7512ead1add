/**
 * The long run: `npm run fuzz`. `FUZZ_INPUTS` says how many inputs (100,000 by default), `FUZZ_SEED` which ones.
 */
import { FuzzFailure, type FuzzReport, fuzz } from './fuzz.js'

/** Bytes by which the heap may be larger at the end than it was when the run was warm. */
const MOST_GROWTH = 32 * 2 ** 20

const seed = numberOf('FUZZ_SEED', Math.floor(Math.random() * 2 ** 31))
const inputs = numberOf('FUZZ_INPUTS', 100_000)

console.log(`seed ${seed}, ${inputs} inputs`)
const began = performance.now()
let warm: number | undefined
let latest = 0

try {
  const report = await fuzz({ seed, inputs, onProgress })
  const grown = heap() - (warm ?? heap())
  show(report)
  for (const [answer, times] of [...report.answers].sort(([, a], [, b]) => b - a))
    console.log(`${String(times).padStart(8)}  ${answer}`)
  console.log(`the heap grew by ${(grown / 2 ** 20).toFixed(1)} MiB since it was warm`)
  if (grown > MOST_GROWTH) throw new FuzzFailure(`more than ${MOST_GROWTH / 2 ** 20} MiB stay on the heap`)
} catch (error) {
  console.error(error instanceof FuzzFailure ? error.message : error)
  process.exitCode = 1
}

function onProgress(report: FuzzReport): void {
  if (report.inputs >= inputs / 5) warm ??= heap()
  if (performance.now() - latest < 5_000) return
  latest = performance.now()
  show(report)
}

function show({ inputs, connections }: FuzzReport): void {
  const seconds = (performance.now() - began) / 1000
  const rate = Math.round(inputs / seconds)
  console.log(`${inputs} inputs, ${connections} connections, ${seconds.toFixed(1)} s, ${rate} inputs/s`)
}

/** Bytes in use, after what is not in use any more has been collected. */
function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function numberOf(variable: string, fallback: number): number {
  const text = process.env[variable]
  if (text === undefined) return fallback
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`${variable} must be a whole number, not ${text}`)
  return number
}
