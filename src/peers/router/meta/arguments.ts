/** Reading the arguments of meta procedures. */
import { ApplicationError, ProtocolError } from '../../../errors.js'
import { isDict, isId } from '../../../messages/checks.js'
import { Code } from '../../../messages/codes.js'
import { Publish } from '../../../messages/pubsub.js'
import { show } from '../../../messages/show.js'
import { fromWire } from '../../../messages/wire.js'
import { usesPassthru } from '../../../roles/passthru.js'
import type { UriCheck } from '../../../roles/uri-check.js'
import type { Features } from '../../../sessions/features.js'
import { ERROR, isReserved, isUri, type MatchPolicy } from '../../../uris.js'
import type { MetaCall } from './meta-session.js'

/** @throws ApplicationError `wamp.error.invalid_argument` if the first argument is no id. */
export function idArgument({ args: [id] }: MetaCall): number {
  return isId(id) ? Number(id) : wrong('the first argument must be an id', id)
}

/** @throws ApplicationError `wamp.error.invalid_argument` if the first argument is no string. */
export function textArgument({ args: [text] }: MetaCall): string {
  return typeof text === 'string' ? text : wrong('the first argument must be a string', text)
}

/** @throws ApplicationError `wamp.error.invalid_argument` if the second argument asks for no match policy there is. */
export function matchArgument({ args: [, options] }: MetaCall): MatchPolicy {
  const match = isDict(options) ? (options.match ?? 'exact') : 'exact'
  return match === 'exact' || match === 'prefix' || match === 'wildcard'
    ? match
    : wrong('match must be exact, prefix or wildcard', match)
}

/** @throws ApplicationError `wamp.error.invalid_argument` if the first argument is there and no list of strings. */
export function authrolesArgument({ args: [authroles] }: MetaCall): readonly string[] | undefined {
  if (authroles === undefined || authroles === null) return undefined
  if (Array.isArray(authroles) && authroles.every((authrole) => typeof authrole === 'string'))
    return authroles
  return wrong('the first argument must be a list of authroles', authroles)
}

/** @throws ApplicationError `wamp.error.invalid_uri` if there is a reason that is no URI. */
export function reasonArgument({ kwargs: { reason } }: MetaCall): string | undefined {
  if (reason === undefined || reason === null) return undefined
  if (typeof reason === 'string' && isUri(reason)) return reason
  throw new ApplicationError(ERROR.invalidUri, [`reason must be a URI, not ${show(reason)}`])
}

/** The buckets of testaments. */
export type TestamentScope = 'detached' | 'destroyed'

/** The name of a bucket of testaments. @throws ApplicationError `wamp.error.invalid_argument` if there is no such one. */
export function scopeArgument({ kwargs: { scope } }: MetaCall): TestamentScope {
  if (scope === undefined || scope === null) return 'destroyed'
  return scope === 'detached' || scope === 'destroyed'
    ? scope
    : wrong('scope must be detached or destroyed', scope)
}

/** @throws ApplicationError `wamp.error.invalid_argument` if the second argument is there and no id. */
export function sessionArgument({ args: [, session] }: MetaCall): number | undefined {
  if (session === undefined || session === null) return undefined
  return isId(session) ? Number(session) : wrong('the second argument must be the id of a session', session)
}

/** A reason in words, where one is given. */
export function wordsArgument({ kwargs: { reason } }: MetaCall): string | undefined {
  return typeof reason === 'string' ? reason : undefined
}

export function messageArgument({ kwargs: { message } }: MetaCall): string | undefined {
  return typeof message === 'string' ? message : undefined
}

/**
 * The PUBLISH that the arguments describe: a topic, its args and kwargs, and `publish_options`.
 *
 * @throws ApplicationError if they describe none that a peer with these features could say.
 */
export function publicationArgument(call: MetaCall, peer: Features, uris: UriCheck): Publish {
  const topic = textArgument(call)
  const refusal = uris.refusalOf(topic) ?? (isReserved(topic) ? `nobody can publish to ${topic}` : undefined)
  if (refusal !== undefined) throw new ApplicationError(ERROR.invalidUri, [refusal])
  const [, args, kwargs] = call.args
  const options = call.kwargs.publish_options ?? {}
  if (!isDict(options)) return wrong('publish_options must be a dictionary', options)
  if (usesPassthru(options) && !peer.has('publisher', 'payload_passthru_mode'))
    throw new ApplicationError(ERROR.featureNotSupported, [
      'the session has not announced payload_passthru_mode',
    ])
  // Nobody is there to hear it.
  const { acknowledge: _, ...others } = options
  try {
    const message = fromWire([Code.PUBLISH, 1, others, topic, args ?? [], kwargs ?? {}])
    if (message instanceof Publish) return message
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new ApplicationError(ERROR.invalidArgument, [error.message])
  }
  return wrong('the arguments must be a topic, a list and a dictionary', call.args)
}

export function wrong(expected: string, given: unknown): never {
  throw new ApplicationError(ERROR.invalidArgument, [`${expected}, not ${show(given)}`])
}
