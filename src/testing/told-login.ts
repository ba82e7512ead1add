import type { ClientAuthentication, RouterAuthentication } from '../authentication/authentication-method.js'
import { UsageError } from '../errors.js'
import { ERROR } from '../uris.js'

const METHOD = 'testing'

/** The client's half: says who it is. */
export function sayWho(authid: string, authrole: string): ClientAuthentication {
  return {
    method: METHOD,
    authid,
    begin: () => ({
      authextra: { authrole },
      answer() {
        throw new UsageError('a test router believes what it is told, and asks nothing')
      },
    }),
  }
}

/** The router's half: believes it. For tests, whose clients are in the same process. */
export const believe: RouterAuthentication = {
  method: METHOD,
  begin({ hello: { details }, local }) {
    const { authid, authextra } = details
    const authrole = authextra?.authrole
    if (!local || authid === undefined || typeof authrole !== 'string')
      return {
        outcome: 'refusal',
        reason: ERROR.authenticationDenied,
        message: 'a test router believes clients of its own machine that say who they are, and nobody else',
      }
    return { outcome: 'welcome', principal: { authid, authrole, authprovider: METHOD } }
  },
}
