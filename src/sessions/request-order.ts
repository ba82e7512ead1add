import { ProtocolError } from '../errors.js'
import { isClientRequest } from '../messages/client-request.js'
import { Code, definitionOf } from '../messages/codes.js'
import type { Message } from '../messages/message.js'
import type { Features } from './features.js'
import { IdSequence } from './ids.js'

/**
 * Sees to it, for a router, that the requests of a session come in their order. Clients need none: routers choose the ids
 * of invocations as they like.
 *
 * Spec: rfc/text/basic/building_blocks.md#ids.
 */
export class RequestOrder {
  #requests = new IdSequence()
  /** The id of the latest CALL that was a new one. */
  #latestCall = 0

  /** Another session begins. */
  begin(): void {
    this.#requests = new IdSequence()
    this.#latestCall = 0
  }

  /** @throws ProtocolError if the message is a request, and not the next one. */
  check(message: Message, peer: Features): void {
    if (!isClientRequest(message)) return
    const { requestId } = message
    const isCall = message.code === Code.CALL
    if (this.#requests.accept(requestId)) {
      if (isCall) this.#latestCall = requestId
      return
    }
    // A CALL may be a further part of an earlier one: rfc/text/advanced/rpc_progressive_call_invocations.md.
    const isPart = isCall && requestId <= this.#latestCall
    if (isPart && peer.has('caller', 'progressive_call_invocations')) return
    const name = definitionOf(message.code)?.name
    throw new ProtocolError(
      `${name}.Request must be ${this.#requests.upcoming}, the next of the session, not ${requestId}`,
    )
  }
}
