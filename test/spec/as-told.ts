import type { Dict } from '../../src/messages/dictionaries.js'
import type { Router, RouterAuthentication } from '../../src/router.js'
import { RawClient } from './raw-client.js'

/** Lets everybody in as who they say they are: `authid:authrole`. */
export const asTold: RouterAuthentication = {
  method: 'told',
  begin: ({ hello }) => {
    const [authid = '', authrole = ''] = (hello.details.authid ?? '').split(':')
    return { outcome: 'welcome', principal: { authid, authrole } }
  },
}

/** A client that says it is `who`. */
export function joinAs(router: Router, who: string, roles?: Dict): RawClient {
  const details = { authmethods: ['told'], authid: who }
  return RawClient.join(router, roles === undefined ? { details } : { details, roles })
}
