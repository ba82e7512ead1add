import type { Side } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { describeKind, isOfKind, type MessageKind } from '../message-kind.js'
import { inTime, type WaitOptions } from '../time-limit.js'
import type { Conversation } from './conversation.js'
import { messageText } from './message-text.js'
import { StableValues } from './stable-values.js'
import type { Said, Watchable, Wiretap } from './wiretap.js'

interface Entry {
  readonly conversation: Conversation
  readonly from: Side
  readonly message: Message
  readonly text: string
}

/** Writes down what is said from now on: over all connections of a test router, or over those of `faulty`. */
export function record(source: Watchable): Recording {
  return new Recording(source.wiretap)
}

/**
 * Messages that were said, as lines for people and for snapshots:
 *
 *     client → router  CALL com.example.add [2,3]
 *     router → client  RESULT com.example.add [5]
 *
 * Ids are replaced by names, and secrets are left out. Where several clients are recorded each has a name: its class if
 * `serve` has started it, its authid, or `client`, `client 2`, ….
 */
export class Recording implements Disposable {
  readonly #entries: Entry[] = []
  readonly #values: StableValues
  readonly #stop: () => void
  readonly #awaited = new Set<{ readonly kind: MessageKind; resolve(message: Message): void }>()

  /** @param isWanted Which conversations are written down; all by default. */
  constructor(
    private readonly wiretap: Wiretap,
    private readonly isWanted?: (conversation: Conversation) => boolean,
  ) {
    this.#values = new StableValues((number) => wiretap.idOf(number))
    this.#stop = wiretap.listen((said) => this.#write(said))
  }

  /** The messages as they were said, in order. */
  get messages(): readonly Message[] {
    return this.#entries.map(({ message }) => message)
  }

  /** A line for each message. */
  get lines(): readonly string[] {
    const nameOf = this.#names()
    return this.#entries.map(({ conversation, from, text }) => {
      const client = nameOf(conversation)
      return `${from === 'client' ? `${client} → router` : `router → ${client}`}  ${text}`
    })
  }

  /** All lines as one text. */
  toString(): string {
    return this.lines.join('\n')
  }

  /**
   * Resolves with the first message of this kind, at once if it is written down already.
   *
   * @throws CanceledError (`wamp.error.timeout`), with what was said instead, if none is said in time.
   */
  until(kind: MessageKind, options?: WaitOptions): Promise<Message> {
    const there = this.#entries.find(({ message, from }) => isOfKind(kind, message, from))
    if (there !== undefined) return Promise.resolve(there.message)
    const awaited = { kind, resolve: (_: Message) => {} }
    const said = new Promise<Message>((resolve) => {
      awaited.resolve = resolve
    })
    this.#awaited.add(awaited)
    const sentence = (timeout: number) =>
      `${describeKind(kind)} was not said within ${timeout} ms, but ${this.#entries.length === 0 ? 'nothing' : `\n${this}`}`
    return inTime(said, sentence, options).finally(() => this.#awaited.delete(awaited))
  }

  /** Forgets what was said so far. */
  clear(): void {
    this.#entries.length = 0
  }

  /** Writes down nothing more; what was said can still be read. */
  stop(): void {
    this.#stop()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #write(said: Said): void {
    const { conversation, from, message } = said
    if (this.isWanted?.(conversation) === false) return
    this.#entries.push({ conversation, from, message, text: messageText(said, this.#values) })
    for (const awaited of this.#awaited) if (isOfKind(awaited.kind, message, from)) awaited.resolve(message)
  }

  /** How the clients are called, now that it is known who they are. */
  #names(): (conversation: Conversation) => string {
    const names = new Map<Conversation | string, string>()
    const used = new Set<string>()
    return (conversation) => {
      const { sessionId, authid, ownerKey } = conversation
      // One that comes back is the same client.
      const client = ownerKey ?? conversation
      const known = names.get(client)
      if (known !== undefined) return known
      const isNamed = authid !== undefined && !authid.startsWith('anonymous-')
      const wanted = this.wiretap.nameOf(sessionId) ?? (isNamed ? authid : 'client')
      let name = wanted
      for (let number = 2; used.has(name); number++) name = `${wanted} ${number}`
      used.add(name)
      names.set(client, name)
      return name
    }
  }
}
