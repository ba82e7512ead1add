/**
 * What a realm should do, in the plainest words: one list of subscriptions and one of registrations, both searched from
 * end to end. The router is held against it.
 */

export const TOPICS = ['a', 'a.b', 'a.b.c', 'a.bc', 'b.b'] as const
export const PATTERNS: readonly (readonly [string, string])[] = [
  ...TOPICS.map((topic) => [topic, 'exact'] as const),
  ['', 'prefix'],
  ['a', 'prefix'],
  ['a.b', 'prefix'],
  ['a.', 'prefix'],
  ['a.', 'wildcard'],
  ['.b', 'wildcard'],
  ['a..c', 'wildcard'],
]

function matches(pattern: string, match: string, uri: string): boolean {
  if (match === 'exact') return pattern === uri
  if (match === 'prefix') return uri.startsWith(pattern)
  const wanted = pattern.split('.')
  const given = uri.split('.')
  return wanted.length === given.length && wanted.every((part, i) => part === '' || part === given[i])
}

/** The patterns that match `uri` as a call has them, the best one first. */
function byPrecedence(uri: string): string[] {
  const ranked = PATTERNS.filter(([pattern, match]) => matches(pattern, match, uri)).map(
    ([pattern, match]) => {
      const whole = pattern === '' || uri === pattern || `${uri}.`.startsWith(pattern.replace(/\.?$/, '.'))
      const kind = match === 'exact' ? 0 : match === 'wildcard' ? 2 : whole ? 1 : 3
      // Within wildcard patterns: a literal where another has a wildcard, from left to right.
      const literal = pattern
        .split('.')
        .map((part) => (part === '' ? '1' : '0'))
        .join('')
      const rank = match === 'wildcard' ? literal : String(9 - pattern.length)
      return { key: `${match}:${pattern}`, rank: `${kind}${rank}` }
    },
  )
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ key }) => key)
}

export interface ModelRegistration {
  readonly policy: string
  /** Clients, in the order of their registration. */
  readonly callees: number[]
}

export class RealmModel {
  readonly subscriptions = new Map<string, Set<number>>()
  readonly registrations = new Map<string, ModelRegistration>()

  subscribe(client: number, pattern: string, match: string): void {
    const key = `${match}:${pattern}`
    const subscribers = this.subscriptions.get(key) ?? new Set()
    this.subscriptions.set(key, subscribers.add(client))
  }

  /** Who hears a publication, and by which subscription. */
  hearers(topic: string, excluded: number | undefined): string[] {
    return [...this.subscriptions].flatMap(([key, subscribers]) => {
      const [match = '', pattern = ''] = key.split(':')
      if (!matches(pattern, match, topic)) return []
      return [...subscribers].filter((client) => client !== excluded).map((client) => `${client} by ${key}`)
    })
  }

  /** Is the registration taken? */
  register(client: number, pattern: string, match: string, policy: string): boolean {
    const key = `${match}:${pattern}`
    const existing = this.registrations.get(key)
    if (existing === undefined) {
      this.registrations.set(key, { policy, callees: [client] })
      return true
    }
    if (policy === 'single' || existing.policy !== policy || existing.callees.includes(client)) return false
    existing.callees.push(client)
    return true
  }

  /** Which registration serves a call, and who of its callees may have to. */
  callees(procedure: string): { key: string; candidates: readonly number[] } | undefined {
    const key = byPrecedence(procedure).find((candidate) => this.registrations.has(candidate))
    const registration = key === undefined ? undefined : this.registrations.get(key)
    if (key === undefined || registration === undefined) return undefined
    const { policy, callees } = registration
    if (policy === 'first' || policy === 'single') return { key, candidates: callees.slice(0, 1) }
    return { key, candidates: policy === 'last' ? callees.slice(-1) : callees }
  }

  unsubscribe(client: number, key: string | undefined): void {
    const subscribers = this.subscriptions.get(key ?? '')
    subscribers?.delete(client)
    if (subscribers?.size === 0) this.subscriptions.delete(key ?? '')
  }

  unregister(client: number, key: string | undefined): void {
    const callees = this.registrations.get(key ?? '')?.callees ?? []
    if (callees.includes(client)) callees.splice(callees.indexOf(client), 1)
    if (callees.length === 0) this.registrations.delete(key ?? '')
  }

  leave(client: number): void {
    for (const key of [...this.subscriptions.keys()]) this.unsubscribe(client, key)
    for (const key of [...this.registrations.keys()]) this.unregister(client, key)
  }
}
