import { inspect } from 'node:util'
import { ApplicationError, type EventStream, type Registration, type Subscription } from '../../src/index.js'
import type { Random } from './random.js'
import { byHand, NEWS, procedureOf, REFUSED, type Service, SHARED } from './service.js'
import { turns } from './turns.js'

const ACTIONS = {
  echo: 10,
  slow: 6,
  count: 4,
  stream: 4,
  refuse: 2,
  shared: 8,
  byHand: 6,
  publish: 14,
  register: 3,
  subscribe: 3,
  listen: 2,
  restart: 1,
} as const

const LONGEST_LOAD = 100_000

/** A client that does one thing after the other, not waiting for any of them, by chance. */
export class Member {
  /** What is under way. */
  readonly pending = new Set<Promise<void>>()
  #registration: Registration | undefined
  #subscription: Subscription | undefined
  #stream: EventStream | undefined
  readonly #busy = new Set<string>()
  /** The names of the latest handlers. */
  #exact = ''
  #streaming = ''
  #instances = 0

  constructor(
    readonly client: Service,
    private readonly names: readonly string[],
    private readonly random: Random,
  ) {
    client.on('error', (error) =>
      client.parts.ledger.fault(`${client.name} had an error that no promise tells:`, error),
    )
    client.on('leave', ({ error }) => {
      if (error?.name === 'ProtocolError') client.parts.ledger.fault(`${client.name} left because of`, error)
    })
  }

  /** What is always there besides the decorated methods. */
  async begin(): Promise<void> {
    const { client } = this
    await client.register(procedureOf(client.name, 'by_hand'), byHand(client.parts))
    const heard = (token: string) => client.parts.ledger.heard(`${client.name} (wildcard)`, token)
    await client.subscribe('com..news.', heard, { match: 'wildcard' })
  }

  /** Does something; `pending` has it until it is done. */
  act(): void {
    const doing = this.#act(this.random.weighted(ACTIONS)).catch((error: unknown) =>
      this.client.parts.ledger.fault(`${this.client.name} was told`, error),
    )
    this.pending.add(doing)
    void doing.then(() => this.pending.delete(doing))
  }

  /** What was made by hand, and must be there whatever happens to sessions. */
  expectStillThere(): void {
    const { client } = this
    const { ledger } = client.parts
    const registration = this.#registration
    if (registration !== undefined && !client.registrations.includes(registration))
      ledger.fault(`${client.name} has lost its registration of`, registration.procedure)
    for (const subscription of [this.#subscription, this.#stream?.subscription])
      if (subscription !== undefined && !client.subscriptions.includes(subscription))
        ledger.fault(`${client.name} has lost its subscription to`, subscription.topic)
  }

  /** The handlers that hear of this topic now. */
  listeners(topic: string): string[] {
    const { name } = this.client
    const always = ['decorated', 'wildcard'].map((kind) => `${name} (${kind})`)
    const exact = this.#subscription?.topic === topic ? [this.#exact] : []
    const stream = this.#stream?.subscription.topic === topic ? [this.#streaming] : []
    return [...always, ...exact, ...stream]
  }

  async #act(action: keyof typeof ACTIONS): Promise<void> {
    const { client, random } = this
    const { ledger } = client.parts
    const token = ledger.token(client.name)
    const whose = random.oneOf(this.names)
    const call = (procedure: string, more: unknown[], expected: unknown) =>
      ledger.called(token, client.call(procedureOf(whose, procedure), [token, ...more]), expected)
    switch (action) {
      case 'echo': {
        const load = random.happens(0.1) ? random.upTo(LONGEST_LOAD) : random.upTo(100)
        return call('echo', ['x'.repeat(load)], [whose, token, load])
      }
      case 'slow': {
        const options = random.happens(0.3) ? { timeout: 1 + random.upTo(20) } : {}
        const cancelMode = random.oneOf(['skip', 'kill', 'killnowait'] as const)
        const calling = client.call(procedureOf(whose, 'slow'), [token, random.upTo(1000)], undefined, {
          ...options,
          cancelMode,
        })
        return ledger.called(token, calling, [whose, token])
      }
      case 'count':
        return this.#count(token, whose, random.upTo(5))
      case 'stream':
        return this.#readStream(token, whose, random.upTo(5))
      case 'refuse':
        return this.#beRefused(token, whose)
      case 'shared':
        return ledger.called(token, client.call(SHARED, [token]), token)
      case 'byHand':
        return call(random.oneOf(['by_hand', 'sometimes']), [], [whose, token, 'by hand'])
      case 'publish': {
        const topic = `${NEWS}.${random.upTo(3)}`
        const options = random.happens(0.7) ? { acknowledge: true } : {}
        return ledger.published(token, topic, client.publish(topic, [token], undefined, options))
      }
      case 'register':
        return this.#alone('register', () => this.#register())
      case 'subscribe':
        return this.#alone('subscribe', () => this.#subscribe())
      case 'listen':
        return this.#alone('listen', () => this.#listen())
      case 'restart':
        return this.#alone('restart', async () => {
          await client.stop()
          await turns(random.upTo(5))
          await client.start()
        })
    }
  }

  /** One thing of a kind at a time. */
  async #alone(kind: string, act: () => Promise<void>): Promise<void> {
    if (this.#busy.has(kind)) return
    this.#busy.add(kind)
    try {
      await act()
    } finally {
      this.#busy.delete(kind)
    }
  }

  async #count(token: string, whose: string, to: number): Promise<void> {
    const { client } = this
    const { ledger } = client.parts
    const numbers: unknown[] = []
    const onProgress = (value: unknown) => void numbers.push(value)
    const calling = client.call(procedureOf(whose, 'count'), [token, to], undefined, { onProgress })
    const checked = calling.then((value) => {
      expectCounted(token, to, numbers)
      return value
    })
    await ledger.called(token, checked, [token, 'end'])
  }

  async #readStream(token: string, whose: string, to: number): Promise<void> {
    const { client, random } = this
    const leavesAt = random.happens(0.3) ? random.upTo(to) : to + 2
    const read = async () => {
      const numbers: unknown[] = []
      for await (const value of client.stream(procedureOf(whose, 'count'), [token, to])) {
        numbers.push(value)
        if (numbers.length === leavesAt) return [token, 'end']
      }
      const last = numbers.pop()
      expectCounted(token, to, numbers)
      return last
    }
    await client.parts.ledger.called(token, read(), [token, 'end'])
  }

  async #beRefused(token: string, whose: string): Promise<void> {
    const { client } = this
    const { ledger } = client.parts
    const calling = client.call(procedureOf(whose, 'refuse'), [token])
    const checked = calling.catch((error: unknown) => {
      if (error instanceof ApplicationError && error.uri === REFUSED && error.args[0] === token)
        return 'refused'
      throw error
    })
    await ledger.called(token, checked, 'refused')
  }

  async #register(): Promise<void> {
    const { client } = this
    const procedure = procedureOf(client.name, 'sometimes')
    await this.#trying(async () => {
      const earlier = this.#registration ?? client.registrations.find((one) => one.procedure === procedure)
      this.#registration = undefined
      if (earlier !== undefined) await earlier.unregister()
      else this.#registration = await client.register(procedure, byHand(client.parts))
    })
  }

  async #subscribe(): Promise<void> {
    const { client } = this
    const { ledger } = client.parts
    await this.#trying(async () => {
      const earlier = this.#subscription
      this.#subscription = undefined
      if (earlier !== undefined) return earlier.unsubscribe()
      const who = `${client.name} (exact, ${++this.#instances})`
      this.#exact = who
      this.#subscription = await client.subscribe(`${NEWS}.1`, (token: string) => ledger.heard(who, token))
    })
  }

  async #listen(): Promise<void> {
    const { client } = this
    await this.#trying(async () => {
      const earlier = this.#stream
      this.#stream = undefined
      if (earlier !== undefined) return void (await earlier.return?.())
      const stream = await client.subscribe(`${NEWS}.2`)
      this.#stream = stream
      this.#streaming = `${client.name} (stream, ${++this.#instances})`
      void this.#read(stream, this.#streaming)
    })
  }

  async #read(stream: EventStream, who: string): Promise<void> {
    const { ledger } = this.client.parts
    try {
      for await (const { args } of stream) ledger.heard(who, String(args[0]))
    } catch (error) {
      ledger.fault(`${who} failed with`, error)
    }
    if (this.#stream === stream) this.#stream = undefined
  }

  /** There may be no session for it, or not long enough. */
  async #trying(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      const { name } = error as Error
      this.client.parts.ledger.count(`${name} of a registration or a subscription`)
      if (name !== 'TransportError' && name !== 'SessionClosedError') throw error
    }
  }
}

/** @throws Error if these are not the numbers up to `to`, of this call. */
function expectCounted(token: string, to: number, numbers: readonly unknown[]): void {
  const expected = Array.from({ length: to }, (_, index) => [token, index + 1])
  if (inspect(numbers) !== inspect(expected))
    throw new Error(`the call ${token} was to count to ${to}, and has counted ${inspect(numbers)}`)
}
