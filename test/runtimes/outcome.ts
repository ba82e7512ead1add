import type { SerializerName } from '../../src/serializers/serializer.js'
import type { TransportId } from '../every-transport/table.js'

/** What carries messages, and how they are written. */
export interface Pair {
  readonly transport: TransportId
  readonly format: SerializerName
}

/** What came of a case. */
export interface Outcome extends Pair {
  readonly name: string
  /** Milliseconds. */
  readonly time: number
  /** Is there if it has failed. */
  readonly error?: string
}
