import { expect } from 'vitest'
import type {
  Attempt,
  AuthenticationStep,
  ClientAuthentication,
  ClientConnectionTraits,
  ConnectionTraits,
  Principal,
  RouterAuthentication,
} from '../../src/authentication/authentication-method.js'
import { Client, type ClientOptions, silentLogger } from '../../src/index.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Authenticate, type Challenge, Hello, Welcome } from '../../src/messages/session-lifecycle.js'
import { Router, type RouterAuthentication as Way } from '../../src/router.js'

export function attemptOf(details: Dict, more: Partial<Attempt> = {}): Attempt {
  return {
    realm: 'realm1',
    hello: new Hello('realm1', { roles: {}, ...details }),
    sessionId: 4711,
    local: true,
    connection: {},
    ...more,
  }
}

export interface Ends {
  readonly client?: ConnectionTraits
  readonly router?: ClientConnectionTraits
  readonly sessionId?: number
  /** What HELLO says in place of what the client's half wants. */
  readonly hello?: Dict
  /** What sits between may change what is said. */
  readonly onChallenge?: (challenge: Challenge) => Challenge
  readonly onAuthenticate?: (authenticate: Authenticate) => Authenticate
  readonly onWelcome?: (principal: Principal) => Principal
}

/** The two halves of a method against each other, to the end; the client's complaints are thrown. */
export async function logIn(
  client: ClientAuthentication,
  router: RouterAuthentication,
  { onChallenge = same, onAuthenticate = same, onWelcome = same, ...ends }: Ends = {},
): Promise<AuthenticationStep & { outcome: 'welcome' | 'refusal' }> {
  expect(client.method).toBe(router.method)
  const login = client.begin(ends.client ?? {})
  const details = { authid: client.authid, authextra: login.authextra, ...ends.hello }
  const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))
  const attempt = attemptOf(known, { connection: ends.router ?? {}, sessionId: ends.sessionId ?? 4711 })
  let step = await router.begin(attempt)
  while (step.outcome === 'challenge')
    step = await step.check(onAuthenticate(await login.answer(onChallenge(wired(step.challenge)))))
  if (step.outcome === 'welcome') {
    const { authextra, authid } = onWelcome(step.principal)
    await login.welcomed?.(new Welcome(4711, { authid, ...(authextra === undefined ? {} : { authextra }) }))
  }
  return step
}

const same = <T>(value: T): T => value

/** As it comes over the wire. */
function wired(challenge: Challenge): Challenge {
  return {
    ...challenge,
    ...JSON.parse(JSON.stringify(challenge)),
    authmethod: challenge.authmethod,
  } as Challenge
}

/** The first challenge of a router, and what judges the answer. */
export async function challengeOf(
  router: RouterAuthentication,
  attempt: Attempt,
): Promise<Extract<AuthenticationStep, { outcome: 'challenge' }>> {
  const step = await router.begin(attempt)
  if (step.outcome !== 'challenge') throw new Error(`expected a challenge: ${JSON.stringify(step)}`)
  return step
}

export function routerWith(...auth: Way[]): Router {
  return new Router({ realms: [{ name: 'realm1', auth }], logger: silentLogger })
}

/** Joins a real router as a real client. */
export function join(
  router: Router,
  auth: ClientAuthentication[],
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  return new Client({ router, realm: 'realm1', auth, ...options }).start()
}

export const answerOf = (signature: string, extra: Dict = {}) => new Authenticate(signature, extra)
