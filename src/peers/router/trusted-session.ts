import type { Dict } from '../../messages/dictionaries.js'
import type { Message } from '../../messages/message.js'
import { Hello, Welcome } from '../../messages/session-lifecycle.js'
import { randomId } from '../../sessions/ids.js'
import { RequestOrder } from '../../sessions/request-order.js'
import { Session } from '../../sessions/session.js'

/**
 * A session in which a router speaks in a realm of its own: it may use the URIs that the protocol keeps for itself, and
 * nobody judges what it asks for. `hear` gets what the realm says to it.
 */
export function trustedSession(
  realm: string,
  roles: Dict,
  hear: (message: Message) => void,
  details: Dict = {},
): Session {
  const session = new Session('router', { send: hear }, { handleMessage() {} }, new RequestOrder())
  session.isTrusted = true
  session.receive(new Hello(realm, { roles }))
  session.send(new Welcome(randomId(), { ...details, authrole: 'trusted' }))
  return session
}
