import { type RelaySerializer, subprotocolOf } from '../../serializers/serializer.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import type { Transport } from '../transport.js'
import { type PortEvent, type PortLike, PortTransport } from './port-transport.js'

export interface AcceptPortOptions {
  serializers: readonly RelaySerializer[]
  /** The longest message taken, in bytes; 16 MiB by default. */
  maxMessageSize?: number
  onTransport: (transport: Transport) => void
  /** Nobody will come: the thread at the other end is gone, or speaks nothing that is spoken here. */
  onGone?: () => void
}

/** Waits at one end of a channel for a client to open it at the other. @returns what ends the waiting. */
export function acceptPort(port: PortLike, options: AcceptPortOptions): () => void {
  const { serializers, maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE, onTransport, onGone } = options
  const stopListening = () => {
    port.removeEventListener('message', onOffer)
    port.removeEventListener('close', onClose)
  }
  const onClose = () => {
    stopListening()
    onGone?.()
  }
  const onOffer = ({ data }: PortEvent) => {
    stopListening()
    const offered: unknown[] = Array.isArray(data) ? data : []
    const chosen = offered
      .map((protocol) => serializers.find((serializer) => subprotocolOf(serializer) === protocol))
      .find((serializer) => serializer !== undefined)
    port.postMessage(chosen === undefined ? '' : subprotocolOf(chosen))
    if (chosen === undefined) {
      port.close()
      onGone?.()
    } else onTransport(new PortTransport(port, chosen, maxMessageSize))
  }
  port.addEventListener('message', onOffer)
  port.addEventListener('close', onClose)
  port.start?.()
  return () => {
    stopListening()
    port.close()
  }
}
