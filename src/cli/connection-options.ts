/** The options that say where the router is, the same for each command that needs one. */
import { type Command, Option } from 'commander'
import { systemClock } from '../clock.js'
import { Client } from '../peers/client/client.js'
import type { ClientOptions } from '../peers/client/client-options.js'
import { cbor } from '../serializers/cbor/cbor.js'
import { json } from '../serializers/json/json.js'
import { msgpack } from '../serializers/msgpack/msgpack.js'
import type { SerializerName } from '../serializers/serializer.js'
import { parseTimeout } from './arguments.js'
import { Failure, say } from './failure.js'
import { orInterruption } from './interruption.js'
import { sentenceOf, type Terminal, terminalLogger } from './terminal.js'

export const DEFAULT_PORT = 8080
export const LOOPBACK = '127.0.0.1'
const DEFAULT_URL = `ws://${LOOPBACK}:${DEFAULT_PORT}`
const DEFAULT_REALM = 'realm1'
const DEFAULT_TIMEOUT = 10_000

const SERIALIZERS = { json, msgpack, cbor } as const

/** A realm of a router. */
export interface Place {
  readonly url: string
  readonly realm: string
}

export interface PlaceOptions {
  url?: string
  realm?: string
}

export interface ConnectionOptions extends PlaceOptions {
  timeout: number
  serializer: SerializerName
}

export function realmOption(): Option {
  return new Option('--realm <NAME>', `the realm to join (default: $WAMPKIT_REALM, or ${DEFAULT_REALM})`)
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--url <URL>', `where the router listens (default: $WAMPKIT_URL, or ${DEFAULT_URL})`)
    .addOption(realmOption())
    .addOption(
      new Option('--timeout <MS>', 'how long to wait for an answer, in milliseconds; 0 is for ever')
        .argParser(parseTimeout)
        .default(DEFAULT_TIMEOUT),
    )
    .addOption(
      new Option('--serializer <NAME>', 'how to write messages')
        .choices(Object.keys(SERIALIZERS))
        .default('json' satisfies SerializerName),
    )
}

/** The place that options and environment name. */
export function placeOf(options: PlaceOptions, { environment }: Terminal): Place {
  return {
    url: options.url ?? (environment.WAMPKIT_URL || DEFAULT_URL),
    realm: options.realm ?? (environment.WAMPKIT_REALM || DEFAULT_REALM),
  }
}

/** The options that lead to `place`, where it is not the place that a command goes to without any. */
export function optionsFor(place: Place, terminal: Terminal): string {
  const usual = placeOf({}, terminal)
  return [
    ...(place.url === usual.url ? [] : [` --url ${quote(place.url)}`]),
    ...(place.realm === usual.realm ? [] : [` --realm ${quote(place.realm)}`]),
  ].join('')
}

/** A word for a shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * A client that has joined. It does not come back after a loss unless `more` says so.
 *
 * @throws Failure, or what the client throws, if it cannot join; Interruption.
 */
export async function connect(
  options: ConnectionOptions,
  terminal: Terminal,
  more: Partial<ClientOptions> = {},
): Promise<Client> {
  const limit = options.timeout === 0 ? {} : { handshakeTimeout: options.timeout }
  const client = new Client({
    ...placeOf(options, terminal),
    ...limit,
    connection: limit,
    serializers: [SERIALIZERS[options.serializer]()],
    logger: terminalLogger(terminal),
    reconnect: false,
    ...more,
  })
  client.on('error', (error) => {
    if (client.state !== 'stopped') say(terminal, sentenceOf(error))
  })
  try {
    return await orInterruption(client.start(), terminal.interruption)
  } catch (error) {
    throw withAdvice(error)
  }
}

/** Where nobody listens, a router may be all that is missing. */
export function withAdvice(error: unknown): unknown {
  const { cause } = error instanceof Error ? error : {}
  if ((cause as { code?: unknown } | undefined)?.code !== 'ECONNREFUSED') return error
  return new Failure(`${sentenceOf(error)}; npx wampkit router starts a router`, { cause: error })
}

/**
 * What `work` resolves to.
 *
 * @throws Failure if that takes longer than `timeout` milliseconds (0 is for ever); Interruption.
 */
export async function answered<T>(
  work: Promise<T>,
  { timeout }: ConnectionOptions,
  { interruption }: Terminal,
): Promise<T> {
  if (timeout === 0) return orInterruption(work, interruption)
  return new Promise((resolve, reject) => {
    const timer = systemClock.after(timeout, () =>
      reject(new Failure(`the router did not answer within ${timeout} ms; --timeout gives it longer`)),
    )
    orInterruption(work, interruption)
      .then(resolve, reject)
      .finally(() => timer.cancel())
  })
}
