import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { isCount } from './principals.js'
import type { ScramCost, ScramKdf } from './scram-credential.js'
import type { ScramNames } from './scram-exchange.js'

/** How costly a key derivation may be, at least and at most. */
export interface ScramBounds {
  /** Iterations of `pbkdf2`: 4,096 (RFC 7677) to 2,000,000. */
  readonly iterations: readonly [least: number, most: number]
  /** Of argon2, iterations times memory in KiB: 16,384 to 2,097,152, which is what autobahn asks for. */
  readonly work: readonly [least: number, most: number]
  /** Memory of argon2, in KiB: 262,144 at most. */
  readonly memory: number
}

export const USUAL_BOUNDS: ScramBounds = {
  iterations: [4096, 2_000_000],
  work: [16_384, 2_097_152],
  memory: 262_144,
}

const KDFS: Readonly<Record<ScramNames, readonly ScramKdf[]>> = {
  spec: ['argon2id13', 'pbkdf2'],
  // It has pbkdf2 as well, and fails when it is asked for it.
  autobahn: ['argon2id-13'],
}

/** What a challenge or a principal asks for. @throws UsageError if that is not within the bounds. */
export function costOf(
  { kdf, iterations, memory }: Dict,
  names: ScramNames,
  bounds: ScramBounds | undefined,
  where = 'CHALLENGE.Extra',
): ScramCost {
  const known = KDFS[names].find((candidate) => candidate === kdf)
  if (known === undefined) throw new UsageError(`${where}: kdf must be ${KDFS[names].join(' or ')}`)
  if (!isCount(iterations)) throw new UsageError(`${where}: iterations must be a whole number from 1`)
  if (known === 'pbkdf2') {
    within(iterations, bounds?.iterations, `${where}: iterations`)
    return { kdf: known, iterations }
  }
  if (!isCount(memory, 8, bounds?.memory ?? 2 ** 32 - 1))
    throw new UsageError(
      `${where}: memory must be a whole number of KiB from 8 to ${bounds?.memory ?? '4 TiB'}`,
    )
  within(iterations * memory, bounds?.work, `${where}: iterations times memory`)
  return { kdf: known, iterations, memory }
}

function within(value: number, bounds: readonly [number, number] | undefined, what: string): void {
  if (bounds === undefined) return
  const [least, most] = bounds
  if (value < least)
    throw new UsageError(
      `${what} is ${value}, and less than ${least} would give the password away (option bounds)`,
    )
  if (value > most)
    throw new UsageError(`${what} is ${value}, and more than ${most} would take too long (option bounds)`)
}
