import type { MatchPolicy } from '../../../uris.js'

/** The ids of registrations or subscriptions, listed by match policy: what the `list` procedures answer. */
export function idsByMatch(
  all: Iterable<{ readonly id: number; readonly match: MatchPolicy }>,
): Record<MatchPolicy, number[]> {
  const ids: Record<MatchPolicy, number[]> = { exact: [], prefix: [], wildcard: [] }
  for (const { id, match } of all) ids[match].push(id)
  return ids
}
