import { type ClientOptions, json } from '../../src/index.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { batched } from '../../src/transports/batching/batched.js'

/** How clients come to the router: the beginning and the end of their URL, and what they speak. */
export interface Way {
  readonly name: string
  readonly scheme: string
  readonly path: string
  readonly serializers: NonNullable<ClientOptions['serializers']>
}

export const WAYS: readonly Way[] = [
  { name: 'ws_json', scheme: 'ws', path: '', serializers: [json()] },
  { name: 'ws_msgpack', scheme: 'ws', path: '', serializers: [msgpack()] },
  { name: 'ws_batched', scheme: 'ws', path: '', serializers: [batched(json())] },
  { name: 'rs_cbor', scheme: 'rs', path: '', serializers: [cbor()] },
  { name: 'longpoll', scheme: 'http', path: '/longpoll', serializers: [json()] },
]

export function urlOf({ scheme, path }: Way, port: number): string {
  return `${scheme}://127.0.0.1:${port}${path}`
}
