/**
 * When a message may be said: for each state of a session, which side may say what, and which state follows. The
 * table does not know which of the two sides is reading it; both ends of a session walk it in step.
 *
 * Spec: rfc/text/basic/sessions.md and "Protocol Errors" in rfc/text/basic/building_blocks.md.
 */
import * as Code from '../messages/code.js'
import { DEFINITIONS, type MessageName, type Side } from '../messages/codes.js'

export type SessionState =
  /** No session. The transport may be open, for a first HELLO or for another one after GOODBYE. */
  | 'closed'
  /** HELLO or AUTHENTICATE was said; the router has to answer. */
  | 'establishing'
  /** CHALLENGE was said; the client has to answer. */
  | 'challenged'
  | 'established'
  /** The client said GOODBYE; the router has to answer. */
  | 'leaving'
  /** The router said GOODBYE; the client has to answer. */
  | 'dismissed'
  /** Somebody said ABORT, or the transport is gone: nothing follows. */
  | 'aborted'

/** What may follow a message: a state, or `ignored` for what is legal to arrive and has no effect any more. */
export type Transition = SessionState | 'ignored'

type Rules = { readonly [Name in MessageName]?: Transition }

/** The same transition for all that `side` says, or, of that, for all that belongs into a session that is open. */
const all = (side: Side, transition: Transition): Rules =>
  Object.fromEntries(
    Object.values(DEFINITIONS)
      .filter(
        ({ code, sentBy }) => (transition === 'ignored' || code > Code.GOODBYE) && sentBy.includes(side),
      )
      .map(({ name }) => [name, transition]),
  )

export const STATES: { readonly [State in SessionState]: { readonly [Who in Side]: Rules } } = {
  closed: {
    client: { HELLO: 'establishing', ABORT: 'aborted' },
    router: { ABORT: 'aborted' },
  },
  establishing: {
    client: { ABORT: 'aborted' },
    router: { CHALLENGE: 'challenged', WELCOME: 'established', ABORT: 'aborted' },
  },
  challenged: {
    client: { AUTHENTICATE: 'establishing', ABORT: 'aborted' },
    router: { ABORT: 'aborted' },
  },
  established: {
    client: { ...all('client', 'established'), GOODBYE: 'leaving', ABORT: 'aborted' },
    router: { ...all('router', 'established'), GOODBYE: 'dismissed', ABORT: 'aborted' },
  },
  leaving: {
    client: {},
    router: { ...all('router', 'ignored'), GOODBYE: 'closed', ABORT: 'aborted' },
  },
  dismissed: {
    client: { ...all('client', 'ignored'), GOODBYE: 'closed', ABORT: 'aborted' },
    router: {},
  },
  aborted: {
    client: all('client', 'ignored'),
    router: all('router', 'ignored'),
  },
}

type Compiled = {
  readonly [State in SessionState]: { readonly [Who in Side]: ReadonlyMap<number, Transition> }
}

const compile = (rules: Rules): ReadonlyMap<number, Transition> =>
  new Map(Object.entries(rules).map(([name, next]) => [DEFINITIONS[name as MessageName].code, next]))

const BY_CODE = Object.fromEntries(
  Object.entries(STATES).map(([state, { client, router }]) => [
    state,
    { client: compile(client), router: compile(router) },
  ]),
) as Compiled

/** What follows when `side` says the message with this code in this state; `undefined` if it must not say it. */
export function transition(state: SessionState, side: Side, code: number): Transition | undefined {
  return BY_CODE[state][side].get(code)
}
