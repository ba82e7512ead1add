import type { Connection } from '../generator/connection.js'
import type { Format } from '../generator/message-ids.js'

export const PROCEDURE = 'com.example.echo'
export const TOPIC = 'com.example.topic'

/** A connection that is ready for a load, and the message that the load sends over it. */
export interface Wired {
  readonly connection: Connection
  readonly format: Format
  /** The encoded message, with any request id. */
  readonly message: string | Uint8Array
  /** The last request id that was used. */
  readonly requestId: number
}

/** How clients of a kind of peer take up their roles. Payloads are one string of so many characters. */
export interface Wiring {
  /** Its message is what it answers with. */
  callee(size: number): Promise<Wired>
  caller(size: number): Promise<Wired>
  subscriber(): Promise<Connection>
  publisher(size: number): Promise<Wired>
}

export const payloadOf = (size: number): string => 'x'.repeat(size)
