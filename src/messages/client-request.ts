import { Code } from './codes.js'
import type { Message } from './message.js'

/** What a client asks of its router, under ids that count from 1 and leave no number out. */
export type ClientRequest = Extract<
  Message,
  {
    code:
      | typeof Code.CALL
      | typeof Code.PUBLISH
      | typeof Code.SUBSCRIBE
      | typeof Code.UNSUBSCRIBE
      | typeof Code.REGISTER
      | typeof Code.UNREGISTER
  }
>

const REQUESTS: ReadonlySet<number> = new Set([
  Code.CALL,
  Code.PUBLISH,
  Code.SUBSCRIBE,
  Code.UNSUBSCRIBE,
  Code.REGISTER,
  Code.UNREGISTER,
])

export function isClientRequest(message: Message): message is ClientRequest {
  return REQUESTS.has(message.code)
}
