import { type Clock, systemClock } from '../clock.js'
import type { AuthorizationRequest, Authorizer, Decision } from './authorization.js'

export interface CacheOptions {
  /** Milliseconds that a decision is remembered; 0 for not at all. */
  readonly lifetime: number
  /** The most decisions that are remembered; 10,000 by default. */
  readonly most?: number
}

interface Remembered {
  readonly decision: Decision | Promise<Decision>
  readonly until: number
}

/**
 * Remembers what a slow authorizer said. A decision is remembered for who asked (authid and authrole), what and for which
 * URI; not for a session. Whoever asks for the same while it is being judged waits for the same answer.
 */
export class CachedAuthorizer implements Authorizer {
  readonly #remembered = new Map<string, Remembered>()

  constructor(
    private readonly authorizer: Authorizer,
    private readonly options: CacheOptions,
    private readonly clock: Clock = systemClock,
  ) {}

  authorize(request: AuthorizationRequest): Decision | Promise<Decision> {
    const { lifetime, most = 10_000 } = this.options
    if (lifetime <= 0) return this.authorizer.authorize(request)
    const key = keyOf(request)
    const now = this.clock.now()
    const known = this.#remembered.get(key)
    if (known !== undefined && known.until > now) return known.decision
    const decision = this.authorizer.authorize(request)
    this.#remembered.delete(key)
    this.#remembered.set(key, { decision, until: now + lifetime })
    if (this.#remembered.size > most) this.#forgetOldest()
    if (decision instanceof Promise) this.#follow(key, decision)
    return decision
  }

  /** Forgets all decisions, or those of one authid or authrole. */
  purge(of: { readonly authid?: string; readonly authrole?: string } = {}): void {
    const { authid, authrole } = of
    for (const key of [...this.#remembered.keys()]) {
      const [keyRole, keyId] = JSON.parse(key) as [string, string]
      if ((authid === undefined || authid === keyId) && (authrole === undefined || authrole === keyRole))
        this.#remembered.delete(key)
    }
  }

  /** A failure is nobody's decision, and is not remembered. */
  #follow(key: string, decision: Promise<Decision>): void {
    decision.then(
      (made) => {
        const known = this.#remembered.get(key)
        if (known?.decision === decision) this.#remembered.set(key, { decision: made, until: known.until })
      },
      () => {
        if (this.#remembered.get(key)?.decision === decision) this.#remembered.delete(key)
      },
    )
  }

  #forgetOldest(): void {
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest)
      return
    }
  }
}

function keyOf(request: AuthorizationRequest): string {
  const { authrole, authid, realm, authmethod, authprovider, action, match, uri } = request
  return JSON.stringify([authrole, authid, realm, authmethod, authprovider, action, match, uri])
}
