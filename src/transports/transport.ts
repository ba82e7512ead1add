import type { ProtocolError, TransportError } from '../errors.js'
import type { Message } from '../messages/message.js'

/** What a transport tells the peer that uses it. The methods must not throw: nobody is there to catch. */
export interface TransportReceiver {
  /** A message came. */
  receive(message: Message): void
  /** Something came that is no valid message. The transport stays open until the receiver closes it. */
  reject(error: ProtocolError): void
  /** The transport is closed, for good. Said once; `error` is there unless one of the two peers closed it in order. */
  closed(error?: TransportError): void
}

/** Where the other end of a transport is. */
export interface TransportInfo {
  /** `websocket`, `memory`, … */
  readonly kind: string
  /** The other end's address where there is one, such as `127.0.0.1:52144`. */
  readonly address?: string
  /** Is the other end on this machine (same process, or the loopback interface)? */
  readonly local: boolean
  /** Octets that the two ends of this TLS connection know, and nobody else; where the platform tells them. */
  readonly channelBinding?: (type: 'tls-exporter' | 'tls-unique') => Uint8Array | undefined
  /** The certificate of the other end, if it showed one and TLS has checked it. */
  readonly certificate?: CertificateInfo
  /** The cookies of the HTTP request that opened the connection. */
  readonly cookies?: Readonly<Record<string, string>>
}

/** What is told of a certificate that a trusted authority has signed. */
export interface CertificateInfo {
  /** CN of its subject. */
  readonly commonName: string
  /** Names and addresses that it is for as well, as in `DNS:client.example`. */
  readonly alternativeNames: readonly string[]
  /** SHA-256 of the certificate, in hex, lower case, without colons. */
  readonly fingerprint: string
}

/**
 * Carries messages between two peers, in order, whole, both ways. It is open when it is handed out; what comes in
 * before `start` waits.
 *
 * Spec: rfc/text/basic/building_blocks.md, "Transports".
 */
export interface Transport {
  readonly info: TransportInfo
  /** Octets that were sent and have not left yet, where the transport knows: who has much to say waits for them. */
  readonly backlog?: number
  /**
   * Does it find out by itself if the other end is gone? Where not, as in a browser, whoever uses it has to ask now and
   * then.
   */
  readonly hasHeartbeat?: boolean
  /** Begins to deliver to `receiver`, never before `start` has returned. Called once. */
  start(receiver: TransportReceiver): void
  /**
   * Sends a message; it leaves at the latest at the end of this turn of the event loop. A closed transport drops it.
   *
   * @throws UsageError if the message cannot be serialized, or is longer than the other end takes; nothing was sent.
   */
  send(message: Message): void
  /**
   * Stops reading, where the transport can: what the other end says waits with it; what has been read is still
   * delivered. There may be several reasons to: each `pause` needs a `resume` of its own.
   */
  pause?(): void
  resume?(): void
  /**
   * A session was established, or has ended: members may send what strangers may not, such as long messages. Where a
   * transport makes no difference, it has no such method.
   */
  admit?(isMember: boolean): void
  /** Sends what was gathered, then closes in order; nothing is delivered any more but `closed`. Harmless when closed. */
  close(): void
}
