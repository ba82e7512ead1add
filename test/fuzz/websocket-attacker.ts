import type { SerializerName } from '../../src/serializers/serializer.js'
import { formatOf } from '../serializers/six.js'
import { type Answers, Attacker } from './attacker.js'
import { frame, OPCODE, readFrame, writeFrame } from './frames.js'
import type { Knowledge } from './render.js'
import { readResponse } from './requests.js'
import { HALF_OF_UPGRADE, upgradeRequest } from './websocket-inputs.js'

export class WebSocketAttacker extends Attacker {
  #status = 0
  /** What the router speaks: what was asked for, unless that was changed on the way. */
  #spoken: SerializerName

  constructor(port: number, format: SerializerName, answers: Answers) {
    super(port, format, answers)
    this.#spoken = format
  }

  protected get knowledge(): Knowledge {
    return { tally: this.tally, own: '', other: '', closed: '' }
  }

  protected upgradeHalf(): void {
    this.socket.write(upgradeRequest(this.format).slice(0, HALF_OF_UPGRADE))
  }

  protected async upgrade(): Promise<void> {
    this.socket.write(upgradeRequest(this.format))
    await this.until('101', () => this.#status === 101)
  }

  protected say(message: unknown[]): void {
    const opcode = this.format === 'json' ? OPCODE.text : OPCODE.binary
    this.socket.write(writeFrame(frame(opcode, formatOf(this.format).write(message))))
  }

  protected sayGoodbye(): void {
    this.socket.write(writeFrame(frame(OPCODE.close, Buffer.from([3, 232]))))
  }

  protected readOne(): boolean {
    if (this.#status !== 101) return this.#readHttp()
    const read = readFrame(this.received)
    if (read === undefined) return false
    this.take(read.size)
    const { opcode, payload } = read
    if (opcode === OPCODE.close)
      this.count(`close ${payload.length === 0 ? 'without a code' : payload.readUInt16BE(0)}`)
    else if (opcode === OPCODE.pong) this.count('pong')
    else if (opcode === (this.#spoken === 'json' ? OPCODE.text : OPCODE.binary))
      this.readMessage(this.#spoken, payload)
    else throw new Error(`a frame of the router has opcode ${opcode}`)
    return true
  }

  #readHttp(): boolean {
    const response = readResponse(this.received)
    if (response === undefined) return false
    this.#status = response.status
    this.count(`HTTP ${response.status}`)
    const [, spoken] =
      /^wamp\.2\.(json|msgpack|cbor)$/.exec(response.headers.get('sec-websocket-protocol') ?? '') ?? []
    if (spoken !== undefined) this.#spoken = spoken as SerializerName
    this.take(response.size)
    return true
  }
}
