import { Code } from '../messages/codes.js'
import type { Message } from '../messages/message.js'

/** What a client asks of its router, under ids that have no gaps. */
export type Request = Extract<
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

export function isRequest(message: Message): message is Request {
  return REQUESTS.has(message.code)
}
