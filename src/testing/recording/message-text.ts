import { Code } from '../../messages/codes.js'
import type { Dict } from '../../messages/dictionaries.js'
import type { Payload } from '../../messages/payload.js'
import { nameOf } from '../message-kind.js'
import type { StableValues } from './stable-values.js'
import type { Said } from './wiretap.js'

/** What every HELLO and WELCOME says alike, and what must not be written down. */
const UNTOLD: ReadonlySet<string> = new Set(['roles', 'agent', 'realm', 'authprovider', 'authextra'])

const ANONYMOUS = 'anonymous'

/** A message as a reader wants it: its name, what it is about, what it carries, and its options: `CALL com.example.add [2,3]`. */
export function messageText({ message, about }: Said, values: StableValues): string {
  const parts = [nameOf(message)]
  const say = (text: string | undefined) => {
    if (text !== undefined && text !== '') parts.push(text)
  }
  say(about)
  switch (message.code) {
    case Code.WELCOME:
      say(values.id(message.sessionId, { kind: 'session' }))
      break
    case Code.CHALLENGE:
      say(message.authmethod)
      break
    case Code.ABORT:
    case Code.GOODBYE:
      say(message.reason)
      break
    case Code.ERROR:
      say(message.error)
      break
  }
  if ('payload' in message) say(payloadText(message.payload, values, about))
  // Of somebody who is nobody there is nothing to tell.
  if (message.code === Code.WELCOME && message.details.authmethod === ANONYMOUS) return parts.join(' ')
  if ('options' in message) say(dictText(message.options, values, about))
  else if ('details' in message && message.details !== undefined)
    say(dictText(message.details, values, about))
  return parts.join(' ')
}

function payloadText(payload: Payload, values: StableValues, about: string | undefined): string {
  if (payload.transparent !== undefined)
    return `<${payload.transparent.length} bytes that only its ends can read>`
  const { args, kwargs } = payload
  const hasKwargs = Object.keys(kwargs).length > 0
  if (hasKwargs) return `${values.write(args, about)} ${values.write(kwargs, about)}`
  return args.length > 0 ? values.write(args, about) : ''
}

/** Options and details, but for those that say nothing new; keys that begin with `_` are no business of the reader. */
function dictText(dict: Dict, values: StableValues, about: string | undefined): string {
  const told = Object.entries(dict).filter(
    ([key, value]) => value !== undefined && !UNTOLD.has(key) && !key.startsWith('_') && value !== about,
  )
  return told.length === 0
    ? ''
    : `(${told.map(([key, value]) => `${key}: ${values.write(value, about)}`).join(', ')})`
}
