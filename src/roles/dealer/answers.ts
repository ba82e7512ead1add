import { MessageTooLongError, type UsageError } from '../../errors.js'
import { Code } from '../../messages/codes.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { ErrorMessage } from '../../messages/error-message.js'
import type { Session } from '../../sessions/session.js'
import type { PendingCall } from './pending-calls.js'

/** Can the callee be told to stop? */
export function interruptible({ callee }: PendingCall): boolean {
  return callee.peer.has('callee', 'call_canceling')
}

/** What becomes of the callee of a call that has ended for its caller. */
export type Ending = 'skip' | 'killnowait'

/** A callee that goes on with the call is told to stop, if it can be. */
export function endingOf(call: PendingCall, goesOn: boolean): Ending {
  return goesOn && interruptible(call) ? 'killnowait' : 'skip'
}

export function unsendable(error: UsageError): string {
  return `the callee cannot be sent these arguments: ${error.message}`
}

/** Tells the caller that its call has failed; in words, if there is room for them. */
export function fail(caller: Session, requestId: number, error: string, sentence: string): void {
  try {
    caller.send(ErrorMessage.saying(Code.CALL, requestId, error, sentence))
  } catch (thrown) {
    if (!(thrown instanceof MessageTooLongError)) throw thrown
    caller.send(new ErrorMessage(Code.CALL, requestId, EMPTY_DICT, error))
  }
}
