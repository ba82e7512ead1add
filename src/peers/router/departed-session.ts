import { RequestOrder } from '../../sessions/request-order.js'
import { Session } from '../../sessions/session.js'

/**
 * A session as it was when it ended, for what is published in its name later on: its own object may serve another
 * session by then. It hears nothing.
 */
export function departedSession({ id, realm, details, peer }: Session): Session {
  const departed = new Session('router', { send() {} }, { handleMessage() {} }, new RequestOrder())
  return Object.assign(departed, { id, realm, details, peer })
}
