/** Reading the arguments of meta procedures. */
import { ApplicationError } from '../../../errors.js'
import { isDict, isId } from '../../../messages/checks.js'
import { show } from '../../../messages/show.js'
import { ERROR, isUri, type MatchPolicy } from '../../../uris.js'
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

/** The name of a bucket of testaments. @throws ApplicationError `wamp.error.invalid_argument` if there is no such one. */
export function scopeArgument({ kwargs: { scope } }: MetaCall): 'detached' | 'destroyed' {
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

export function wrong(expected: string, given: unknown): never {
  throw new ApplicationError(ERROR.invalidArgument, [`${expected}, not ${show(given)}`])
}
