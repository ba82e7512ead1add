import type { ClientLogin, ConnectionTraits } from '../../authentication/authentication-method.js'
import { UsageError } from '../../errors.js'
import { type Dict, EMPTY_DICT } from '../../messages/dictionaries.js'
import { type Authenticate, type Challenge, Hello, type Welcome } from '../../messages/session-lifecycle.js'
import { Callee } from '../../roles/callee.js'
import { Caller } from '../../roles/caller.js'
import { Publisher } from '../../roles/publisher.js'
import { Subscriber } from '../../roles/subscriber.js'
import { announce } from '../../sessions/features.js'
import { AGENT } from '../../version.js'
import type { ClientOptions } from './client-options.js'

/** The details of a client's HELLO: what it is, and what it can do. */
export function helloDetails({ agent = AGENT }: Pick<ClientOptions, 'agent'>): Dict {
  return {
    agent,
    roles: announce({
      caller: Caller.features,
      callee: Callee.features,
      publisher: Publisher.features,
      subscriber: Subscriber.features,
    }),
  }
}

/** One log-in of a client over one connection, by whichever of its methods the router chooses. */
export class Login {
  readonly #logins = new Map<string, ClientLogin>()
  /** What HELLO has for all methods together; of a key that several have, that of the first that wants something. */
  readonly #authextra: Record<string, unknown> = {}
  /** The method that the router has chosen. */
  #chosen: ClientLogin | undefined

  constructor(
    private readonly options: ClientOptions,
    connection: ConnectionTraits,
    /** By which the router knows the client when it comes back, if it is to know it. */
    private readonly ownerKey: string | undefined,
  ) {
    for (const method of options.auth ?? []) this.#logins.set(method.method, method.begin(connection))
  }

  hello(): Hello {
    const { realm, auth = [], authid } = this.options
    const wanted = authid ?? auth.find((method) => method.authid !== undefined)?.authid
    const authextra = this.#authextra
    for (const login of this.#logins.values())
      for (const [key, value] of Object.entries(login.authextra ?? {})) authextra[key] ??= value
    return new Hello(realm, {
      ...helloDetails(this.options),
      ...(this.ownerKey === undefined ? EMPTY_DICT : { _owner_key: this.ownerKey }),
      ...(auth.length > 0 ? { authmethods: [...this.#logins.keys()] } : EMPTY_DICT),
      ...(wanted === undefined ? EMPTY_DICT : { authid: wanted }),
      ...(Object.keys(authextra).length > 0 ? { authextra } : EMPTY_DICT),
    })
  }

  /**
   * The answer to a CHALLENGE, by the method that it names.
   *
   * @throws UsageError if the client has no such method, or that does not answer.
   */
  async answer(challenge: Challenge): Promise<Authenticate> {
    this.#chosen = this.#logins.get(challenge.authmethod)
    if (this.#chosen !== undefined) return this.#chosen.answer(challenge, this.#authextra)
    const known = this.#logins.size === 0 ? 'no method' : [...this.#logins.keys()].join(', ')
    throw new UsageError(
      `the router asks for authentication by ${challenge.authmethod}; the option auth of the client has ${known}`,
    )
  }

  /**
   * Judges the WELCOME, where the method that was used wants to.
   *
   * @throws UsageError if the router is not who it must be, or lets us in by a way that was not offered: it could be
   * somebody else, who does not want to prove who he is.
   */
  welcomed(welcome: Welcome): void | Promise<void> {
    const { authmethod = 'none' } = welcome.details
    const used = this.#chosen ?? this.#logins.get(authmethod)
    if (used !== undefined) return used.welcomed?.(welcome)
    if (this.#logins.size === 0) return
    const offered = [...this.#logins.keys()].join(', ')
    throw new UsageError(
      `the router let us in by ${authmethod}; the option auth of the client offers ${offered}`,
    )
  }
}
