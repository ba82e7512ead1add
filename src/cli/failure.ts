import { CommanderError } from 'commander'
import { ApplicationError, CanceledError, UsageError, WampError } from '../errors.js'
import { ERROR } from '../uris.js'
import { Interruption } from './interruption.js'
import { toJson } from './print.js'
import { oneLine, sentenceOf, type Terminal } from './terminal.js'

/** A command could not do what it was asked to; the message says why, in a sentence, to the user. */
export class Failure extends WampError {}

export const EXIT = { fine: 0, failed: 1, wrongUsage: 2 } as const

/** Says on stderr what went wrong; returns the exit code of the process. */
export function report(thrown: unknown, terminal: Terminal): number {
  const interruption = interruptionIn(thrown)
  if (interruption !== undefined) return interruption.exitCode
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.fine
    // Commander has shown the help already where that is all there is to say.
    if (thrown.code !== 'commander.help') say(terminal, thrown.message.replace(/^error: /, ''))
    return EXIT.wrongUsage
  }
  if (!(thrown instanceof WampError)) {
    // A bug, for which the stack is wanted.
    const stack = thrown instanceof Error ? thrown.stack : undefined
    terminal.tell(`wampkit: unexpected: ${stack ?? sentenceOf(thrown)}`)
    return EXIT.failed
  }
  say(terminal, explain(thrown))
  return thrown instanceof UsageError ? EXIT.wrongUsage : EXIT.failed
}

/** One sentence of the program. */
export function say(terminal: Terminal, sentence: string): void {
  terminal.tell(`wampkit: ${oneLine(sentence)}`)
}

/** The error as a sentence, with what its message leaves out and what to do about it. */
export function explain(error: unknown): string {
  if (error instanceof ApplicationError) return [sentenceOf(error), ...payloadOf(error)].join(' ')
  if (error instanceof CanceledError && error.uri === ERROR.timeout)
    return `${sentenceOf(error)}; --timeout gives it longer`
  return sentenceOf(error)
}

/** What an error carries besides the sentence that is in its message. */
function payloadOf({ args, kwargs }: ApplicationError): string[] {
  const [first] = args
  const rest = typeof first === 'string' && first !== '' ? args.slice(1) : args
  return [
    ...(rest.length > 0 ? [toJson(rest)] : []),
    ...(Object.keys(kwargs).length > 0 ? [toJson(kwargs)] : []),
  ]
}

function interruptionIn(thrown: unknown): Interruption | undefined {
  if (thrown instanceof Interruption) return thrown
  return thrown instanceof CanceledError && thrown.cause instanceof Interruption ? thrown.cause : undefined
}
