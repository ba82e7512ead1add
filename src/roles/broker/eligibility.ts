import { type Dict, EMPTY_DICT, type PublishOptions } from '../../messages/dictionaries.js'
import type { Session } from '../../sessions/session.js'

/** May this subscriber have the event? */
export type Eligibility = (subscriber: Session) => boolean

/**
 * Who may have an event, by the black- and whitelists of its publisher: a subscriber must be on every whitelist that is
 * there, an empty one included, and on no blacklist. `undefined` if there are no lists, as nearly always.
 *
 * Spec: rfc/text/advanced/pubsub_subscriber_blackwhite_listing.md.
 */
export function eligibilityOf(options: PublishOptions): Eligibility | undefined {
  const rules = [
    listRule(options.eligible, ({ id }) => id, true),
    listRule(options.eligible_authid, authid, true),
    listRule(options.eligible_authrole, authrole, true),
    listRule(options.exclude, ({ id }) => id, false),
    listRule(options.exclude_authid, authid, false),
    listRule(options.exclude_authrole, authrole, false),
  ].filter((rule) => rule !== undefined)
  return rules.length === 0 ? undefined : (subscriber) => rules.every((rule) => rule(subscriber))
}

/** The lists by which a publisher names subscribers, and which say who may have an event that is kept. */
const LISTS = [
  'eligible',
  'eligible_authid',
  'eligible_authrole',
  'exclude',
  'exclude_authid',
  'exclude_authrole',
] as const

/** The black- and whitelists among the options of a PUBLISH. */
export function audienceOf(options: PublishOptions): Dict {
  if (options === EMPTY_DICT) return EMPTY_DICT
  const lists = LISTS.filter((list) => options[list] !== undefined).map((list) => [list, options[list]])
  return lists.length === 0 ? EMPTY_DICT : Object.fromEntries(lists)
}

function listRule(
  list: readonly unknown[] | undefined,
  nameOf: (subscriber: Session) => unknown,
  listed: boolean,
): Eligibility | undefined {
  if (list === undefined) return undefined
  const names = new Set(list)
  return (subscriber) => names.has(nameOf(subscriber)) === listed
}

function authid({ details }: Session): unknown {
  return details.authid
}

function authrole({ details }: Session): unknown {
  return details.authrole
}
