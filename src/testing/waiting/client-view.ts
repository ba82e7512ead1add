import { ApplicationError } from '../../errors.js'
import type { Client } from '../../peers/client/client.js'
import type {
  IdsByMatch,
  RegistrationInfo,
  SessionInfo,
  SubscriptionInfo,
} from '../../peers/client/meta-api.js'
import { ERROR, isReserved, type MatchPolicy } from '../../uris.js'
import { type Kind, patternText, type RealmView, type Shared } from './realm-view.js'

/** A realm as the meta API tells a client of it, by whatever router: the client must be allowed to use it. */
export class ClientView implements RealmView {
  constructor(private readonly client: Client) {}

  async registration(procedure: string, match?: MatchPolicy): Promise<Shared<RegistrationInfo> | undefined> {
    const { registration } = this.client.meta
    const id = await (match === undefined
      ? registration.match(procedure)
      : registration.lookup(procedure, { match }))
    if (id === null) return undefined
    return ifThere(async () => ({
      info: await registration.get(id),
      sessions: await registration.countCallees(id),
    }))
  }

  async subscriptions(topic: string, match?: MatchPolicy): Promise<readonly Shared<SubscriptionInfo>[]> {
    const { subscription } = this.client.meta
    const ids =
      match === undefined ? await subscription.match(topic) : [await subscription.lookup(topic, { match })]
    const known = (ids ?? []).filter((id) => id !== null)
    const found = await Promise.all(
      known.map((id) =>
        ifThere(async () => ({
          info: await subscription.get(id),
          sessions: await subscription.countSubscribers(id),
        })),
      ),
    )
    return found.filter((shared) => shared !== undefined).filter(({ sessions }) => sessions > 0)
  }

  async session(authid: string): Promise<SessionInfo | undefined> {
    return (await this.#sessions()).find((session) => session.authid === authid)
  }

  async list(kind: Kind): Promise<readonly string[]> {
    const { registration, subscription } = this.client.meta
    switch (kind) {
      case 'registration':
        return patterns(await registration.list(), (id) => registration.get(id))
      case 'subscription':
        return patterns(await subscription.list(), (id) => subscription.get(id))
      case 'session':
        return (await this.#sessions()).map(({ session, authid = `session ${session}` }) => authid)
    }
  }

  async follow(kind: Kind, onChange: () => void): Promise<() => Promise<void>> {
    const { registration, subscription, session } = this.client.meta
    const handler = () => onChange()
    const following = await (kind === 'registration'
      ? registration.onRegister(handler)
      : kind === 'subscription'
        ? subscription.onSubscribe(handler)
        : session.onJoin(handler))
    return () => following.unsubscribe()
  }

  async #sessions(): Promise<readonly SessionInfo[]> {
    const { session } = this.client.meta
    const found = await Promise.all((await session.list()).map((id) => ifThere(() => session.get(id))))
    return found.filter((info) => info !== undefined)
  }
}

async function patterns(
  { exact, prefix, wildcard }: IdsByMatch,
  get: (id: number) => Promise<RegistrationInfo | SubscriptionInfo>,
): Promise<readonly string[]> {
  const found = await Promise.all([...exact, ...prefix, ...wildcard].map((id) => ifThere(() => get(id))))
  return found
    .filter((info) => info !== undefined)
    .filter(({ uri }) => !isReserved(uri))
    .map(({ uri, match }) => patternText(uri, match))
}

const GONE: ReadonlySet<string> = new Set([
  ERROR.noSuchRegistration,
  ERROR.noSuchSubscription,
  ERROR.noSuchSession,
])

/** What the router says of something, unless that has gone since it was listed. */
async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ApplicationError && GONE.has(error.uri)) return undefined
    throw error
  }
}
