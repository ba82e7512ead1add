import {
  ApplicationError,
  Client,
  type ClientOptions,
  callee,
  currentInvocation,
  subscriber,
} from '../../src/index.js'
import type { Ledger } from './ledger.js'
import { turns } from './turns.js'

export const NEWS = 'com.chaos.news'
/** Everybody has it, and they take turns. */
export const SHARED = 'com.chaos.shared'
export const REFUSED = 'com.chaos.error.refused'

const MOST_TURNS = 30

/** A procedure of one client. */
export const procedureOf = (name: string, procedure: string) => `com.chaos.of.${name}.${procedure}`

/** What a client is made of besides its options. */
export interface ServiceParts {
  /** A component of URIs. */
  readonly name: string
  readonly ledger: Ledger
}

/** A client that serves, under its own name and with others, and that listens. */
export abstract class Service extends Client {
  constructor(
    readonly parts: ServiceParts,
    options: ClientOptions,
  ) {
    super(options)
  }

  get name(): string {
    return this.parts.name
  }
}

/** A class with decorators whose URIs have `name` in them. */
export function serviceOf(parts: ServiceParts, options: ClientOptions): Service {
  const { name, ledger } = parts

  class Serving extends Service {
    @callee(procedureOf(name, 'echo'))
    echo(token: string, load: string) {
      ledger.ran(token)
      return [name, token, load.length]
    }

    @callee(procedureOf(name, 'slow'))
    async slow(token: string, pause: number) {
      ledger.ran(token)
      await turns(pause % MOST_TURNS)
      return [name, token]
    }

    @callee(procedureOf(name, 'count'))
    async *count(token: string, to: number) {
      ledger.ran(token)
      for (let number = 1; number <= to; number++) {
        yield [token, number]
        await turns()
      }
      return [token, 'end']
    }

    @callee(procedureOf(name, 'refuse'))
    refuse(token: string) {
      ledger.ran(token)
      throw new ApplicationError(REFUSED, [token])
    }

    @callee(SHARED, { invoke: 'roundrobin' })
    shared(token: string) {
      ledger.ran(token)
      return token
    }

    @subscriber(NEWS, { match: 'prefix' })
    onNews(token: string) {
      ledger.heard(`${name} (decorated)`, token)
    }
  }

  return new Serving(parts, options)
}

/** What is registered by hand. */
export function byHand({ name, ledger }: ServiceParts): (token: string) => unknown {
  return (token) => {
    ledger.ran(token)
    currentInvocation()
    return [name, token, 'by hand']
  }
}
