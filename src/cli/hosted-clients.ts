import { resolve } from 'node:path'
import type { Client } from '../peers/client/client.js'
import type { ClientOptions } from '../peers/client/client-options.js'
import type { DeclaredRole } from '../roles/decorators.js'
import { untilGivenUp } from './coming-back.js'
import { withAdvice } from './connection-options.js'
import { explain, Failure, say } from './failure.js'
import { placeIn } from './import-module.js'
import { orInterruption } from './interruption.js'
import { type LoadedClass, targetOf } from './load-classes.js'
import { type Offer, uriOf } from './screen.js'
import { sentenceOf, type Terminal } from './terminal.js'

interface HostedClient {
  readonly loaded: LoadedClass
  readonly client: Client
}

/** Clients made of classes that users wrote: started together, stopped together. */
export class HostedClients implements AsyncDisposable {
  readonly #hosted: HostedClient[]
  readonly #started: HostedClient[] = []
  readonly #lost: Promise<never>

  /** @throws Failure if a constructor throws, or two classes offer the same procedure. */
  constructor(
    classes: readonly LoadedClass[],
    options: ClientOptions,
    private readonly terminal: Terminal,
  ) {
    this.#hosted = classes.map((loaded) => ({ loaded, client: construct(loaded, options) }))
    this.#lost = Promise.race(
      this.#hosted.map(({ loaded, client }) => untilGivenUp(client, loaded.name, terminal)),
    )
    this.#lost.catch(() => {})
    expectNoConflict(this.#hosted)
  }

  /** What the classes declare, and what they have registered and subscribed to otherwise. */
  get offers(): Offer[] {
    return this.#hosted.flatMap(({ loaded, client }) => {
      const declared = client.declaredRoles()
      return [...declared, ...undeclaredRoles(client, declared)].map((role) => {
        return { role, owner: loaded.name, arity: arityOf(client, role) }
      })
    })
  }

  /** Rejects, with a Failure, when one of them has lost its session and does not come back. */
  get lost(): Promise<never> {
    return this.#lost
  }

  /** @throws Failure if one of them cannot join, or may not register what it declares; Interruption. */
  async start(): Promise<void> {
    for (const hosted of this.#hosted) {
      const { client, loaded } = hosted
      client.on('error', (error) => {
        // That it gives up is told by `lost`.
        if (client.state !== 'stopped') this.#tell(loaded, error)
      })
      try {
        await orInterruption(client.start(), this.terminal.interruption)
      } catch (error) {
        if (this.terminal.interruption.aborted) throw error
        const why = explain(withAdvice(error))
        throw new Failure(`${loaded.name} in ${loaded.file} cannot start: ${why}`, { cause: error })
      }
      this.#started.push(hosted)
    }
  }

  /** Says GOODBYE for each. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#started.map(async ({ client, loaded }) => {
        try {
          await client.stop()
        } catch (error) {
          this.#tell(loaded, error)
        }
      }),
    )
  }

  #tell({ name, file }: LoadedClass, error: unknown): void {
    const place = placeIn(error, resolve(file))
    say(this.terminal, `${name}: ${sentenceOf(error)}${place === undefined ? '' : ` (${place})`}`)
  }
}

function construct(loaded: LoadedClass, options: ClientOptions): Client {
  const { name, file, create } = loaded
  try {
    return new create(options)
  } catch (cause) {
    const place = placeIn(cause, resolve(file))
    const where = place === undefined ? '' : ` (${place})`
    throw new Failure(`the constructor of ${name} in ${file} throws: ${sentenceOf(cause)}${where}`, { cause })
  }
}

/** A router would refuse the second class too, but could not name the first. */
function expectNoConflict(hosted: readonly HostedClient[]): void {
  const owners = new Map<string, LoadedClass>()
  for (const { client, loaded } of hosted)
    for (const role of client.declaredRoles()) {
      if (role.role !== 'callee' || (role.options.invoke ?? 'single') !== 'single') continue
      const key = `${role.options.match ?? 'exact'}:${role.procedure}`
      const owner = owners.get(key)
      owners.set(key, loaded)
      if (owner === undefined || owner === loaded) continue
      const both = `${owner.name} and ${loaded.name} both offer ${uriOf(role)}`
      throw new Failure(`${both}; run one of them (${targetOf(owner)}), or give both an invoke policy`)
    }
}

/** What a client offers without decorators: procedures and topics that no method declares. */
function undeclaredRoles(client: Client, declared: readonly DeclaredRole[]): DeclaredRole[] {
  const isNew = (uri: string, match = 'exact') =>
    !declared.some((role) => uriOf(role) === uri && (role.options.match ?? 'exact') === match)
  return [
    ...client.registrations
      .filter(({ procedure, options }) => isNew(procedure, options.match))
      .map(({ procedure, options }) => ({ role: 'callee', method: '', procedure, options }) as const),
    ...client.subscriptions
      .filter(({ topic, options }) => isNew(topic, options.match))
      .map(({ topic, options }) => ({ role: 'subscriber', method: '', topic, options }) as const),
  ]
}

function arityOf(client: Client, { method }: DeclaredRole): number {
  const implementation = (client as unknown as Record<string, unknown>)[method]
  return typeof implementation === 'function' ? implementation.length : 0
}
