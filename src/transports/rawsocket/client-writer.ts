import type { Socket } from 'node:net'
import { atEndOfTurn } from '../../clock.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import { expectTaken, tooLong } from '../message-limit.js'
import type { WriterOwner } from '../output/gathered-writer.js'
import { FrameType, frameOf, HEADER_LENGTH, writeHeader } from './framing.js'
import type { FrameWriter } from './raw-socket-end.js'

/** A longer payload is written from where it lies. */
const LONG_PAYLOAD = 16 * 1024

/** Writes the frames of a client. What is sent in one turn of the event loop leaves in one write at its end. */
export class ClientWriter implements FrameWriter {
  limit = Number.POSITIVE_INFINITY
  #isCorked = false

  constructor(
    private readonly socket: Socket,
    private readonly serializer: Serializer,
    private readonly owner: WriterOwner,
  ) {}

  write(message: Message): void {
    const { socket, limit } = this
    const encoded = this.serializer.encode(message)
    const payload = typeof encoded === 'string' ? Buffer.from(encoded) : encoded
    const { length } = payload
    if (length > limit) {
      expectTaken(message, length, limit)
      return this.owner.unsendable?.(tooLong(message, length, limit))
    }
    this.#gather()
    if (length < LONG_PAYLOAD) {
      socket.write(frameOf(FrameType.message, payload))
      return
    }
    const header = Buffer.allocUnsafe(HEADER_LENGTH)
    writeHeader(header, 0, FrameType.message, length)
    socket.write(header)
    socket.write(payload)
  }

  end(): void {
    this.#send()
  }

  /** There is nothing that the socket has not been given. */
  discard(): void {}

  hasMoved(): boolean {
    return false
  }

  #gather(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.socket.cork()
    atEndOfTurn(() => this.#send())
  }

  #send(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.socket.uncork()
  }
}
