import { UsageError } from '../errors.js'
import { Authenticate, Challenge } from '../messages/session-lifecycle.js'
import { ERROR } from '../uris.js'
import type { ClientAuthentication, RouterAuthentication } from './authentication-method.js'
import { equalSecrets } from './equal-secrets.js'

const METHOD = 'ticket'

export interface TicketOptions {
  authid: string
  /** The secret, or what fetches it. It crosses the wire as it is: use TLS. */
  ticket: string | (() => string | Promise<string>)
}

/** The client's half: answers with the ticket. Spec: rfc/text/advanced/authentication_ticket.md. */
export function ticket({ authid, ticket }: TicketOptions): ClientAuthentication {
  return {
    method: METHOD,
    authid,
    answer: async () => new Authenticate(typeof ticket === 'string' ? ticket : await ticket()),
  }
}

export interface TicketPrincipal {
  readonly ticket: string
  readonly authrole: string
}

/**
 * The router's half: knows the ticket of each authid.
 *
 * @throws UsageError if a ticket is empty.
 */
export function checkTickets(principals: Readonly<Record<string, TicketPrincipal>>): RouterAuthentication {
  const known = new Map(Object.entries(principals))
  for (const [authid, { ticket }] of known)
    if (ticket === '') throw new UsageError(`the ticket of ${authid} is empty: anybody could guess it`)
  return {
    method: METHOD,
    begin({ hello }) {
      const { authid } = hello.details
      if (authid === undefined)
        return {
          outcome: 'refusal',
          reason: ERROR.authenticationDenied,
          message: 'HELLO.Details.authid is needed for authentication by ticket',
        }
      return {
        outcome: 'challenge',
        challenge: new Challenge(METHOD),
        check({ signature }) {
          const principal = known.get(authid)
          // Compared for an unknown authid too: neither the answer nor its time tells who exists.
          const right = equalSecrets(signature, principal?.ticket ?? '')
          if (principal === undefined || !right)
            return {
              outcome: 'refusal',
              reason: ERROR.authenticationDenied,
              message: 'the authid or the ticket is wrong',
            }
          return {
            outcome: 'welcome',
            principal: { authid, authrole: principal.authrole, authprovider: 'static' },
          }
        },
      }
    },
  }
}
