import { inspect } from 'node:util'
import fc from 'fast-check'
import { Arena } from './arena.js'
import { type Attack, Tally } from './attack.js'
import type { Answers } from './attacker.js'
import { carryOut } from './carry-out.js'
import { attack } from './inputs.js'
import { render } from './render.js'

export interface FuzzOptions {
  readonly seed: number
  /** How many inputs are sent at least. */
  readonly inputs: number
  /** Told now and then how far it has come. */
  readonly onProgress?: (report: FuzzReport) => void
}

export interface FuzzReport {
  inputs: number
  connections: number
  readonly answers: Answers
}

/** Something that must not happen did. The message has the seed, and the smallest input that does it. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
}

/** Attackers that come at once. */
const CROWD = 16
/** Crowds before the seed is raised by one: a failure is reproduced from there. */
const CROWDS_OF_SEED = 40
/** Milliseconds that a search for a smaller input may take. */
const SEARCH = 120_000

/**
 * Has crowds of attackers come to a router, one after the other, until they have sent so many inputs.
 *
 * @throws FuzzFailure
 */
export async function fuzz({ seed, inputs, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { inputs: 0, connections: 0, answers: new Map() }
  let arena = await Arena.open()
  try {
    for (let round = seed; report.inputs < inputs; round++) {
      const crowd = fc.array(attack, { minLength: 1, maxLength: CROWD, size: 'max' })
      const property = fc.asyncProperty(crowd, async (attacks) => {
        if (report.inputs >= inputs) return
        try {
          await visit(arena, attacks, report)
        } catch (error) {
          // Nothing that went wrong is to go on in the next one.
          await arena[Symbol.asyncDispose]().catch(() => {})
          arena = await Arena.open()
          throw error
        }
      })
      const details = await fc.check(property, {
        seed: round,
        numRuns: CROWDS_OF_SEED,
        interruptAfterTimeLimit: SEARCH,
      })
      if (details.failed) throw new FuzzFailure(describe(round, details))
      onProgress?.(report)
    }
  } finally {
    await arena[Symbol.asyncDispose]()
  }
  return report
}

/** All attack at once, and then it shows whether all is well. */
async function visit(arena: Arena, attacks: readonly Attack[], report: FuzzReport): Promise<void> {
  const outcomes = await Promise.allSettled(
    attacks.map((attack) => carryOut(attack, arena.port, report.answers)),
  )
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') arena.note('an attacker:', outcome.reason)
  report.connections += attacks.length
  report.inputs += attacks.reduce((sum, { inputs }) => sum + inputs.length, 0)
  try {
    await arena.expectUndisturbed()
    await arena.expectNothingLeft()
  } catch (error) {
    arena.note('a bystander:', error)
  }
  if (arena.faults.length > 0) throw new Error(arena.faults.join('\n'))
}

function describe(seed: number, details: fc.RunDetails<[Attack[]]>): string {
  const attacks = details.counterexample?.[0] ?? []
  const shown = attacks.map((attack) => {
    const knows = { tally: new Tally('x'), own: 'own', other: 'other', closed: 'closed' }
    const octets = attack.inputs.map((input) => render(input, attack, knows).toString('hex'))
    return `${inspect(attack, { depth: 12 })}\n  on the wire: ${octets.map((line) => line.slice(0, 400)).join('\n               ')}`
  })
  const cause = details.errorInstance
  return `${cause instanceof Error ? cause.message : String(cause)}\n\nReproduce: FUZZ_SEED=${seed} npm run fuzz\nSmallest input, after ${details.numShrinks} steps:\n${shown.join('\n')}`
}
