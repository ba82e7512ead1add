import type { AuthenticationStep, RouterAuthentication } from '../../authentication/authentication-method.js'
import type { Admission } from '../../message-handlers/router-message-handler.js'
import { type Dict, EMPTY_DICT } from '../../messages/dictionaries.js'
import { type Authenticate, type Hello, Welcome } from '../../messages/session-lifecycle.js'
import { Broker } from '../../roles/broker/broker.js'
import { Dealer } from '../../roles/dealer/dealer.js'
import type { Compatibility } from '../../sessions/compatibility.js'
import { announce } from '../../sessions/features.js'
import { randomId } from '../../sessions/ids.js'
import { ERROR, isUri } from '../../uris.js'
import type { Peer } from '../peer.js'
import type { Login } from './limits/doorkeeper.js'
import type { Realm } from './realm.js'
import type { ClientDescription } from './router-options.js'
import type { RouterParts } from './router-peer.js'

/** A realm and the ways into it. */
export interface Entrance {
  readonly realm: Realm
  readonly auth: readonly RouterAuthentication[]
  /** Where a client is known to do otherwise than the spec says. */
  readonly compatibility: (client: ClientDescription) => Compatibility
}

type Step = AuthenticationStep | Promise<AuthenticationStep>

const CLIENT_ROLES = ['caller', 'callee', 'publisher', 'subscriber'] as const

const ROUTER_ROLES = announce({ broker: Broker.features, dealer: Dealer.features })

/**
 * Lets a session into a realm: HELLO, as many challenges as the authentication method likes, WELCOME; or ABORT.
 *
 * Spec: rfc/text/basic/sessions.md, "Session Establishment"; rfc/text/advanced/authentication.md.
 */
export class SessionAdmission implements Admission {
  #check: ((answer: Authenticate) => Step) | undefined
  #welcome: ((step: AuthenticationStep & { outcome: 'welcome' }) => void) | undefined
  /** Raised with every HELLO and when the session ends: a step that took longer than that is out of date. */
  #attempt = 0
  #login: Login = { realm: '', authid: undefined, method: undefined }
  /** By which way the client comes in. */
  #entrance: Entrance | undefined

  constructor(
    private readonly peer: Peer,
    private readonly router: RouterParts,
    private readonly enter: (realm: Realm) => void,
  ) {}

  hello(message: Hello): void {
    const { realm: name, details } = message
    this.#login = { realm: name, authid: details.authid, method: undefined }
    const { limits, counters, entrances } = this.router
    if (name.length > limits.uriLength) {
      counters.urisTooLong++
      return this.#refuse(ERROR.invalidUri, `the name of a realm has ${limits.uriLength} characters at most`)
    }
    if (!isUri(name, 'loose', limits.uriLength))
      return this.#refuse(ERROR.invalidUri, `the realm ${JSON.stringify(name)} is no URI`)
    if (!CLIENT_ROLES.some((role) => this.peer.session.peer.plays(role)))
      return this.#refuse(
        ERROR.protocolViolation,
        `HELLO.Details.roles must name one of ${CLIENT_ROLES.join(', ')} at least`,
      )
    const entrance = entrances.get(name)
    if (entrance === undefined) return this.#refuse(ERROR.noSuchRealm, `there is no realm ${name} here`)
    this.#entrance = entrance
    const { agent, authid, roles = EMPTY_DICT } = details
    this.peer.session.compatibility = entrance.compatibility({ agent, authid, roles })
    // A client that names no method asks to be let in as it is.
    const wanted = details.authmethods?.length ? details.authmethods : ['anonymous']
    const method = wanted.map((want) => entrance.auth.find(({ method }) => method === want)).find(Boolean)
    if (method === undefined) {
      const offered = entrance.auth.map(({ method }) => method).join(', ')
      return this.#refuse(
        ERROR.noMatchingAuthMethod,
        `realm ${name} takes ${offered || 'nobody'}; the client offers ${wanted.join(', ')}`,
      )
    }
    this.#login = { realm: name, authid, method: method.method }
    const sessionId = randomId()
    const { _owner_key: ownerKey } = details
    this.#welcome = ({ principal }) => {
      const { authid, authrole } = principal
      const identity = { realm: name, authid, authrole, authmethod: method.method }
      this.router.predecessors.succeed(this.peer, identity, ownerKey)
      this.#join(entrance.realm, sessionId, method.method, principal)
    }
    const connection = this.peer.transport.info
    const attempt = { realm: name, hello: message, sessionId, local: connection.local, connection }
    this.#follow(() => method.begin(attempt))
  }

  authenticate(message: Authenticate): void {
    const check = this.#check
    this.#check = undefined
    if (check !== undefined) this.#follow(() => check(message))
  }

  cancel(): void {
    this.#attempt++
    this.#check = undefined
    this.#welcome = undefined
    this.router.doorkeeper.left(this.peer)
    this.router.predecessors.left(this.peer)
  }

  #follow(step: () => Step): void {
    const attempt = ++this.#attempt
    const isStale = () => attempt !== this.#attempt
    const unlessStale = (next: AuthenticationStep) => {
      if (!isStale() && !this.#isOutdated()) this.#take(next)
    }
    const failed = (error: unknown) => {
      if (isStale()) return
      this.router.logger.error('an authentication method failed', error)
      this.#refuse(ERROR.authenticationFailed, 'authentication failed at the router; its log says why')
    }
    this.router.doorkeeper.inTurn(this.peer, (done) => {
      try {
        if (!isStale() && !this.#isOutdated() && !this.#hasToWait()) {
          const next = step()
          // What a step asks for may fail as well: a challenge that cannot be sent.
          if ('then' in next) return void next.then(unlessStale).then(undefined, failed).then(done)
          unlessStale(next)
        }
      } catch (error) {
        failed(error)
      }
      done()
    })
  }

  /** Has so much been guessed that not even the right answer would be taken now? If so, the client is refused. */
  #hasToWait(): boolean {
    const sentence = this.router.doorkeeper.hasToWait(this.peer, this.#login)
    if (sentence !== undefined) this.#refuse(ERROR.limitExceeded, sentence)
    return sentence !== undefined
  }

  /**
   * Have the ways into the realm been changed since the client took one of them? Whoever may not come in by the new ones
   * would still by the old one: the client is refused, and may begin anew.
   */
  #isOutdated(): boolean {
    if (this.router.entrances.get(this.#login.realm) === this.#entrance) return false
    const sentence = 'who may log in, and how, has been changed while this log-in was under way; log in again'
    this.#refuse(ERROR.authenticationFailed, sentence)
    return true
  }

  #take(step: AuthenticationStep): void {
    switch (step.outcome) {
      case 'challenge':
        this.#check = (answer) => step.check(answer)
        this.peer.session.send(step.challenge)
        return
      case 'refusal':
        this.router.doorkeeper.failed(this.peer, this.#login, step.reason)
        return this.#refuse(step.reason, step.message)
      case 'welcome':
        this.#welcome?.(step)
        this.#welcome = undefined
    }
  }

  #join(
    realm: Realm,
    sessionId: number,
    authmethod: string,
    {
      authid,
      authrole,
      authprovider = 'static',
      authextra,
    }: (AuthenticationStep & { outcome: 'welcome' })['principal'],
  ): void {
    const { session } = this.peer
    this.router.doorkeeper.succeeded(this.peer, this.#login, authid)
    const full = this.router.doorkeeper.enter(this.peer, realm.name, authid)
    if (full !== undefined) return this.#refuse(ERROR.limitExceeded, full)
    const details: Dict = {
      realm: realm.name,
      authid,
      authrole,
      authmethod,
      authprovider,
      roles: ROUTER_ROLES,
      agent: this.router.agent,
      ...(authextra === undefined ? EMPTY_DICT : { authextra }),
    }
    session.send(new Welcome(sessionId, details))
    this.enter(realm)
    realm.join(session, {
      local: this.peer.transport.info.local,
      dismiss: (reason, sentence) => this.router.dismiss(this.peer, reason, sentence),
    })
  }

  #refuse(reason: string, sentence: string): void {
    this.router.doorkeeper.log(this.peer, this.#login, reason)
    this.peer.session.abort(reason, sentence)
    this.peer.close()
  }
}
