import type { Permission } from '../../authorization/permissions.js'
import { UsageError } from '../../errors.js'
import type { HistoryOptions } from '../../event-store/event-store.js'
import type { TrustRule } from '../../roles/trust-levels.js'
import { type Compatibility, compatibilityOf } from '../../sessions/compatibility.js'
import { isReserved, isUri, isUriPattern, type MatchPolicy, type UriRule } from '../../uris.js'
import type { ClientDescription, RealmOptions } from './router-options.js'

/** How our own clients begin their names. */
const OURS = 'wampkit'

const MATCH_POLICIES: readonly unknown[] = ['exact', 'prefix', 'wildcard']

/** @throws UsageError saying which option of which realm is wrong, and what it should be. */
export function checkRealmOptions(options: RealmOptions): void {
  const { name, uris = 'loose', history = [], trustLevels = [], retention = {}, roles = {} } = options
  if (typeof name !== 'string' || !isUri(name, uris))
    throw new UsageError(
      `the name of a realm must be a ${uris} URI, such as 'realm1', not ${JSON.stringify(name)}`,
    )
  const where = `realm ${name}`
  history.forEach((one, i) => {
    checkHistory(one, uris, `${where}, history ${i + 1}`)
  })
  const keys = history.map(({ match = 'exact', topic }) => `${match}:${topic}`)
  const twice = keys.find((key, i) => keys.indexOf(key) !== i)
  if (twice !== undefined) throw new UsageError(`${where} has two histories of ${twice}`)
  trustLevels.forEach((rule, i) => {
    checkTrustRule(rule, uris, `${where}, trust level ${i + 1}`)
  })
  for (const [role, permissions] of Object.entries(roles))
    permissions.forEach((permission, i) => {
      checkPermission(permission, uris, `${where}, role ${role}, permission ${i + 1}`)
    })
  checkAmount(`${where}: retention.maxTopics`, retention.maxTopics)
  checkAmount(`${where}: retention.maxBytes`, retention.maxBytes)
}

/** Which compatibility each client of the realm gets. @throws UsageError if there is no profile of that name. */
export function compatibilityChooser({
  compatibility,
}: RealmOptions): (client: ClientDescription) => Compatibility {
  if (typeof compatibility === 'function') return (client) => compatibilityOf(compatibility(client))
  const chosen = compatibilityOf(compatibility)
  const none = compatibilityOf(undefined)
  return ({ agent }) => (agent?.startsWith(OURS) ? none : chosen)
}

const ACTIONS: readonly unknown[] = ['call', 'register', 'publish', 'subscribe']
const DISCLOSURES: readonly unknown[] = ['on-request', 'always', 'never']

function checkPermission({ uri, match, allow, disclose }: Permission, rule: UriRule, where: string): void {
  checkPattern(uri, match, rule, `${where}: uri`)
  if (!Array.isArray(allow))
    throw new UsageError(`${where}: allow must be a list of call, register, publish, subscribe`)
  const unknown = allow.find((action) => !ACTIONS.includes(action))
  if (unknown !== undefined)
    throw new UsageError(
      `${where}: allow must be of call, register, publish, subscribe, not ${JSON.stringify(unknown)}`,
    )
  if (disclose !== undefined && !DISCLOSURES.includes(disclose))
    throw new UsageError(
      `${where}: disclose must be on-request, always or never, not ${JSON.stringify(disclose)}`,
    )
}

function checkHistory(options: HistoryOptions, rule: UriRule, where: string): void {
  const { topic, match, maxEvents, maxBytes, maxAge } = options
  checkPattern(topic, match, rule, `${where}: topic`)
  if (isReserved(topic))
    throw new UsageError(`${where}: the history of ${topic}, which is of WAMP itself, is not kept`)
  checkAmount(`${where}: maxEvents`, maxEvents)
  checkAmount(`${where}: maxBytes`, maxBytes)
  checkAmount(`${where}: maxAge`, maxAge)
}

function checkTrustRule({ level, uri, match, action }: TrustRule, rule: UriRule, where: string): void {
  if (!Number.isSafeInteger(level) || level < 0)
    throw new UsageError(`${where}: level must be a whole number from 0, not ${level}`)
  if (uri !== undefined) checkPattern(uri, match, rule, `${where}: uri`)
  if (action !== undefined && action !== 'call' && action !== 'publish')
    throw new UsageError(`${where}: action must be call or publish, not ${JSON.stringify(action)}`)
}

function checkPattern(uri: unknown, match: MatchPolicy = 'exact', rule: UriRule, where: string): void {
  if (!MATCH_POLICIES.includes(match))
    throw new UsageError(`${where}: match must be exact, prefix or wildcard, not ${JSON.stringify(match)}`)
  if (typeof uri !== 'string' || !isUriPattern(uri, match, rule))
    throw new UsageError(`${where}: ${JSON.stringify(uri)} is no ${rule} URI to match (${match})`)
}

function checkAmount(what: string, amount: number | undefined): void {
  if (amount !== undefined && !(amount > 0))
    throw new UsageError(`${what} must be a number above 0, not ${amount}`)
}
