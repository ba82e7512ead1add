import type { Session } from '../../sessions/session.js'
import type { SessionDetails } from './client-options.js'

/** What a client tells its user of its session. */
export function detailsOf({ id, realm, details }: Session): SessionDetails {
  const text = (key: string) => (typeof details[key] === 'string' ? details[key] : undefined)
  return {
    id,
    realm,
    authid: text('authid'),
    authrole: text('authrole'),
    authmethod: text('authmethod'),
    details,
  }
}
