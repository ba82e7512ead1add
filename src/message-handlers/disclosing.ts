import type { Disclosure } from '../authorization/authorization.js'
import { Code } from '../messages/codes.js'
import { Publish } from '../messages/pubsub.js'
import { Call } from '../messages/rpc.js'

/**
 * What is to pass of a request that was allowed: itself, or the same one saying whether its sender is made known.
 * `undefined` if the sender wants to be known where it may not be.
 *
 * Spec: rfc/text/advanced/rpc_caller_identification.md, rfc/text/advanced/pubsub_publisher_identification.md.
 */
export function disclosing(message: Publish, disclose?: Disclosure): Publish | undefined
export function disclosing(message: Call | Publish, disclose?: Disclosure): Call | Publish | undefined
export function disclosing(message: Call | Publish, disclose?: Disclosure): Call | Publish | undefined {
  if (disclose === undefined || disclose === 'on-request') return message
  if (disclose === 'never' && message.options.disclose_me === true) return undefined
  const options = { ...message.options, disclose_me: disclose === 'always' }
  return message.code === Code.CALL
    ? new Call(message.requestId, options, message.procedure, message.payload)
    : new Publish(message.requestId, options, message.topic, message.payload)
}
