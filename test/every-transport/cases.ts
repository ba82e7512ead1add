import { callCases } from './call-cases.js'
import type { Case } from './case.js'
import { eventCases } from './event-cases.js'
import { lifetimeCases } from './lifetime-cases.js'
import { sessionCases } from './session-cases.js'
import { TRANSPORTS, type TransportId } from './table.js'

/** What two peers do over any transport, in any format and in any runtime. */
const CASES: readonly Case[] = [...sessionCases, ...callCases, ...eventCases, ...lifetimeCases]

/** Those that make sense over a transport. */
export function casesOver(transport: TransportId): readonly Case[] {
  const limit = TRANSPORTS.find(({ id }) => id === transport)?.limit
  return CASES.filter(
    ({ needs }) => needs === undefined || limit === undefined || (needs === 'limit' && limit === 'alike'),
  )
}
