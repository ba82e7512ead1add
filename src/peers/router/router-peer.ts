import type { Clock } from '../../clock.js'
import { ProtocolError } from '../../errors.js'
import type { Logger } from '../../logger.js'
import { RouterMessageHandler } from '../../message-handlers/router-message-handler.js'
import { WaitingMessages } from '../../message-handlers/waiting-messages.js'
import type { Message } from '../../messages/message.js'
import { RequestOrder } from '../../sessions/request-order.js'
import type { SlowConsumers } from '../../transports/output/slow-consumers.js'
import type { Transport } from '../../transports/transport.js'
import { Peer, type PeerHandler } from '../peer.js'
import { type Entrance, SessionAdmission } from './admission.js'
import type { Doorkeeper } from './limits/doorkeeper.js'
import { Throttle } from './limits/message-rate.js'
import type { RouterCounters } from './limits/router-counters.js'
import type { RouterLimits } from './limits/router-limits.js'
import type { Predecessors } from './predecessors.js'

/** What all peers of a router have in common. */
export interface RouterParts {
  readonly entrances: ReadonlyMap<string, Entrance>
  readonly agent: string
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: Required<RouterLimits>
  readonly counters: RouterCounters
  readonly doorkeeper: Doorkeeper
  readonly predecessors: Predecessors
  readonly slowConsumers: SlowConsumers | undefined
  /** Says GOODBYE to a client, and sees to it that its transport is closed. */
  dismiss(peer: Peer, reason: string, sentence?: string): void
  /** The peer is gone. */
  ended(peer: Peer): void
}

/** The router's end of a transport: what passes a message on to its realm, and what slows it down or refuses it before. */
export function routerPeer(transport: Transport, parts: RouterParts): Peer {
  const { limits, counters, logger, doorkeeper, slowConsumers: slow } = parts
  const makeHandler = (self: Peer): PeerHandler => {
    const failed = (error: unknown) => {
      if (error instanceof ProtocolError) return self.reject(error)
      logger.error('handling a message failed', error)
      self.close()
    }
    const waiting = () =>
      new WaitingMessages(
        transport,
        { messages: limits.undecidedMessages, bytes: limits.undecidedBytes },
        () => {
          counters.undecided++
        },
      )
    const handler = new RouterMessageHandler(
      self.session,
      (enter) => new SessionAdmission(self, parts, enter),
      {
        logger,
        waiting,
        // What has waited is said by this client as well, and may make somebody else wait.
        pass: (message, handle) =>
          slow === undefined ? handle(message) : slow.handle(transport, message, handle),
        dismissed: () => self.close(),
        failed,
      },
    )
    const handle = (message: Message) => handler.handleMessage(message)
    const listen = slow === undefined ? handle : (message: Message) => slow.handle(transport, message, handle)
    const throttle = throttleOf(transport, parts, listen)
    return {
      handleMessage: throttle === undefined ? listen : (message) => throttle.take(message),
      handleClose: (error) => {
        doorkeeper.gone(self)
        parts.predecessors.left(self)
        throttle?.stop()
        slow?.left(transport)
        handler.handleClose()
        parts.ended(self)
        // Of a transport that was lost, the listener has told.
        if (!(error instanceof ProtocolError)) return
        if (error.limit === 'size') counters.messagesTooLong++
        else if (error.limit === 'depth') counters.messagesTooDeep++
        logger.warn(`a client broke the protocol: ${error.message}`)
      },
      handleFailure: failed,
    }
  }
  return new Peer('router', transport, makeHandler, new RequestOrder())
}

/** What slows a session down, if there is a limit. */
function throttleOf(
  transport: Transport,
  { limits, clock, counters }: RouterParts,
  handle: (message: Message) => void,
): Throttle | undefined {
  const { messagesPerSecond, messageBurst } = limits
  if (messagesPerSecond === Number.POSITIVE_INFINITY) return undefined
  const rate = { perSecond: messagesPerSecond, burst: messageBurst }
  return new Throttle(rate, transport, clock, () => counters.throttled++, handle)
}
