/**
 * A moment as an ISO 8601 string, from seconds since 1970 and nanoseconds; undefined where a `Date` does not reach.
 *
 * WAMP has no kind of value for moments, and JSON has not either, so all formats agree on the string.
 */
export function isoTime(seconds: number, nanoseconds = 0): string | undefined {
  const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1_000_000))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
