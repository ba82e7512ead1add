import { resolve } from 'node:path'
import { byProcedure } from '../authorization/by-role.js'
import { CachedAuthorizer } from '../authorization/cached-authorizer.js'
import { UsageError } from '../errors.js'
import { durableEvents } from '../event-store/durable/durable-events.js'
import type { Logger } from '../logger.js'
import { checkListenOptions } from '../peers/router/ports/check-options.js'
import type { ListenOptions } from '../peers/router/ports/listen-options.js'
import { Router } from '../peers/router/router.js'
import type { RealmOptions, RouterOptions } from '../peers/router/router-options.js'
import { ConfigurationError } from './configuration-error.js'
import type { ReadConfiguration } from './read-configuration.js'
import type { ListenConfiguration, RealmConfiguration } from './schema.js'
import { Findings } from './secrets.js'
import { given, wayIn } from './ways-in.js'

/** A router as a configuration describes it, and where it is to listen. */
export interface ConfiguredRouter {
  readonly router: Router
  readonly listen: readonly ListenOptions[]
}

/**
 * Makes the router that a configuration describes. It does not listen yet.
 *
 * @throws ConfigurationError if what the configuration names is not there; UsageError if it cannot be used.
 */
export async function routerOf(read: ReadConfiguration, logger?: Logger): Promise<ConfiguredRouter> {
  const { configuration } = read
  const find = new Findings(read.file, read.folder)
  const { realms: _, listen, store: folder, $schema: __, ...others } = configuration
  let router: Router | undefined
  // All that can be wrong comes first: a store that was opened would have to be closed.
  const realms = realmsOf(read, () => router)
  const places = listensOf(listen).map((one, i) =>
    listenOf(one, Array.isArray(listen) ? `listen[${i}]` : 'listen', read, find),
  )
  const store =
    folder === undefined
      ? undefined
      : await durableEvents({ folder: resolve(read.folder, folder), ...given({ logger }) })
  try {
    router = new Router({
      ...(given(others) as Partial<RouterOptions>),
      realms,
      ...given({ logger, store }),
    })
  } catch (error) {
    await store?.close()
    throw error
  }
  return { router, listen: places }
}

/**
 * The realms that a configuration describes. What they ask of procedures, they ask of the router that there is by then.
 *
 * @throws ConfigurationError if what the configuration names is not there; UsageError if it cannot be used.
 */
export function realmsOf(
  { file, folder, configuration }: ReadConfiguration,
  router: () => Router | undefined,
): RealmOptions[] {
  const find = new Findings(file, folder)
  return configuration.realms.map((realm, i) => {
    const call: Call = async (procedure, args) => router()?.realms.get(realm.name)?.call(procedure, args)
    return realmOf(realm, `realms[${i}]`, find, call)
  })
}

function listensOf(
  listen: ListenConfiguration | readonly ListenConfiguration[] | undefined,
): readonly ListenConfiguration[] {
  if (listen === undefined) return [{}]
  return Array.isArray(listen) ? listen : [listen as ListenConfiguration]
}

type Call = (procedure: string, args: readonly unknown[]) => Promise<unknown>

function realmOf(realm: RealmConfiguration, where: string, find: Findings, call: Call): RealmOptions {
  const { name, auth, authorizer, ...others } = realm
  return {
    ...(given(others) as Omit<RealmOptions, 'name'>),
    name,
    ...given({
      auth: auth?.map((method, i) => wayIn(method, `${where}.auth[${i}]`, find, call)),
      authorizer:
        authorizer &&
        new CachedAuthorizer(byProcedure(call, authorizer.procedure), { lifetime: authorizer.cache ?? 0 }),
    }),
  }
}

/** Where to listen, as it is checked before a store is opened. */
function listenOf(
  { tls, unix, unixMode, longPoll, ...others }: ListenConfiguration,
  where: string,
  { file, folder }: ReadConfiguration,
  find: Findings,
): ListenOptions {
  const options: ListenOptions = {
    ...given(others),
    ...given({
      unix: unix === undefined ? undefined : resolve(folder, unix),
      unixMode: unixMode === undefined ? undefined : Number.parseInt(unixMode, 8),
      longPoll: typeof longPoll === 'object' ? given(longPoll) : longPoll,
      tls: tls === undefined ? undefined : tlsOf(tls, `${where}.tls`, find),
    }),
  }
  try {
    checkListenOptions(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new ConfigurationError(file, [`${where}: ${error.message}`], { cause: error })
  }
  return options
}

function tlsOf(
  { hosts, ca, clientCertificates, ...own }: NonNullable<ListenConfiguration['tls']>,
  where: string,
  find: Findings,
): NonNullable<ListenOptions['tls']> {
  type Pair = { cert: string; key: string; passphrase?: Parameters<Findings['secret']>[0] | undefined }
  const pair = ({ cert, key, passphrase }: Pair, at: string) => ({
    cert: find.text(cert, `${at}.cert`),
    key: find.text(key, `${at}.key`),
    ...given({ passphrase: passphrase && find.secret(passphrase, `${at}.passphrase`) }),
  })
  return {
    ...pair(own, where),
    ...given({
      clientCertificates,
      ca: ca && find.text(ca, `${where}.ca`),
      hosts:
        hosts &&
        Object.fromEntries(
          Object.entries(hosts).map(([host, one]) => [host, pair(one, `${where}.hosts.${host}`)]),
        ),
    }),
  }
}
