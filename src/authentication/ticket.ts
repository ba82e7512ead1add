import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { Authenticate, Challenge } from '../messages/session-lifecycle.js'
import type {
  Attempt,
  AuthenticationStep,
  ClientAuthentication,
  RouterAuthentication,
} from './authentication-method.js'
import { equalSecrets } from './equal-secrets.js'
import {
  deny,
  denyNameless,
  isText,
  type Membership,
  membershipOf,
  type Principals,
  sourceOf,
  welcome,
  whenKnown,
} from './principals.js'

const METHOD = 'ticket'

export interface TicketOptions {
  authid: string
  /**
   * The secret, or what fetches it, once for each challenge: a router may ask for several, such as a password and a code
   * that is good once. It crosses the wire as it is: use TLS.
   */
  ticket: string | ((challenge: Challenge) => string | Promise<string>)
}

/** The client's half: answers with the ticket. Spec: rfc/text/advanced/authentication_ticket.md. */
export function ticket({ authid, ticket }: TicketOptions): ClientAuthentication {
  return {
    method: METHOD,
    authid,
    begin: () => ({
      async answer(challenge) {
        const answer = typeof ticket === 'string' ? ticket : await ticket(challenge)
        if (typeof answer !== 'string') throw new UsageError('the ticket must be a string')
        return new Authenticate(answer)
      },
    }),
  }
}

/** Is this the right ticket? For tickets that are good once, or that somebody else can check. */
export type TicketCheck = (ticket: string, attempt: Attempt) => boolean | Promise<boolean>

/** Somebody who has one ticket, or has to show several, one after the other. */
export type TicketPrincipal = Membership &
  (
    | { readonly ticket: string | TicketCheck }
    | { readonly tickets: readonly (string | TicketCheck)[] }
    /** Only from a function or a procedure: it has looked at `claims.ticket`, and the ticket is right. */
    | { readonly verified: true }
  )

interface TicketHolder extends Membership {
  readonly rounds: readonly (string | TicketCheck)[]
}

/**
 * The router's half: knows the tickets of each authid, or asks a function for them, as soon as the client has sent the
 * first. The challenge of each further round says which it is: `{ round: 2 }`.
 *
 * @throws UsageError if a ticket is empty.
 */
export function checkTickets(principals: Principals<TicketPrincipal>): RouterAuthentication {
  const source = sourceOf(principals, holderOf(typeof principals === 'function'))

  /** Asks for the ticket of a round, which the first answer decides who has to show. */
  function ask(round: number, judge: (ticket: string) => Step): AuthenticationStep {
    const challenge = round === 1 ? new Challenge(METHOD) : new Challenge(METHOD, { round })
    return { outcome: 'challenge', challenge, check: ({ signature }) => judge(signature) }
  }

  function judge(
    authid: string,
    attempt: Attempt,
    holder: TicketHolder | undefined,
    round: number,
    given: string,
  ): Step {
    // Compared for an unknown authid too: neither the answer nor its time tells who exists.
    const expected = holder === undefined ? '' : holder.rounds[round - 1]
    const right =
      expected === undefined ||
      (typeof expected === 'string' ? equalSecrets(given, expected) : expected(given, attempt))
    return whenKnown(right, (isRight) => {
      if (holder === undefined || isRight !== true) return deny('the authid or the ticket is wrong')
      return round >= holder.rounds.length
        ? welcome(authid, holder, source.authprovider)
        : ask(round + 1, (next) => judge(authid, attempt, holder, round + 1, next))
    })
  }

  return {
    method: METHOD,
    begin(attempt) {
      const { authid } = attempt.hello.details
      if (authid === undefined) return denyNameless(METHOD)
      return ask(1, (given) =>
        whenKnown(source.find(authid, attempt, { authmethod: METHOD, ticket: given }), (holder) =>
          judge(authid, attempt, holder, 1, given),
        ),
      )
    },
  }
}

type Step = AuthenticationStep | Promise<AuthenticationStep>

const holderOf =
  (mayVouch: boolean) =>
  (principal: Dict, where: string): TicketHolder => {
    const membership = membershipOf(principal, where)
    const { ticket, tickets, verified } = principal
    const given = [ticket, tickets, verified].filter((value) => value !== undefined && value !== null)
    if (given.length === 1 && mayVouch && verified === true) return { ...membership, rounds: [] }
    const rounds: unknown = tickets ?? [ticket]
    if (given.length !== 1 || !Array.isArray(rounds) || rounds.length === 0 || !rounds.every(isRound))
      throw new UsageError(
        `${where} needs either ticket or tickets, which must not be empty${mayVouch ? ', or verified: true' : ''}`,
      )
    return { ...membership, rounds }
  }

function isRound(value: unknown): value is string | TicketCheck {
  return isText(value) || typeof value === 'function'
}
