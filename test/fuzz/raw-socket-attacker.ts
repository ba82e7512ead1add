import type { SerializerName } from '../../src/serializers/serializer.js'
import { formatOf } from '../serializers/six.js'
import { Attacker } from './attacker.js'
import { greeting, RAW_TYPE, rawFrame, readAnswer, readRawFrame, writeRawFrame } from './raw-frames.js'
import { HALF_OF_GREETING } from './raw-socket-inputs.js'
import type { Knowledge } from './render.js'

/** What begins with this is an answer in HTTP: what was sent was no greeting. */
const OF_HTTP = 'H'.charCodeAt(0)

export class RawSocketAttacker extends Attacker {
  /** What the router speaks, once it has said so. */
  #spoken: SerializerName | undefined
  /** Nothing more is to come that could be read. */
  #isOver = false

  protected get knowledge(): Knowledge {
    return { tally: this.tally, own: '', other: '', closed: '' }
  }

  protected upgradeHalf(): void {
    this.socket.write(greeting(this.format).subarray(0, HALF_OF_GREETING))
  }

  protected async upgrade(): Promise<void> {
    this.socket.write(greeting(this.format))
    await this.until('the answer to a greeting', () => this.#spoken !== undefined)
  }

  protected say(message: unknown[]): void {
    this.socket.write(writeRawFrame(rawFrame(RAW_TYPE.message, formatOf(this.format).write(message))))
  }

  protected sayGoodbye(): void {
    this.say([6, {}, 'wamp.close.close_realm'])
  }

  protected readOne(): boolean {
    if (this.#isOver) return false
    if (this.#spoken === undefined) return this.#readGreeting()
    const read = readRawFrame(this.received)
    if (read === undefined) return false
    this.take(read.size)
    if (read.type === RAW_TYPE.message) this.readMessage(this.#spoken, read.payload)
    else this.count(read.type === RAW_TYPE.pong ? 'RawSocket PONG' : 'RawSocket PING')
    return true
  }

  #readGreeting(): boolean {
    if (this.received.length < 4) return false
    if (this.received[0] === OF_HTTP) {
      this.count('HTTP in place of RawSocket')
      this.#isOver = true
      return false
    }
    const answer = readAnswer(this.take(4))
    if ('refusal' in answer) {
      this.count(`RawSocket refusal ${answer.refusal}`)
      this.#isOver = true
    } else {
      this.count('RawSocket')
      this.#spoken = answer.format
    }
    return true
  }
}
