/**
 * What a handler is running for, available while it runs synchronously: `currentInvocation()` and `currentEvent()`.
 * Handlers are called with their arguments alone, so that they stay plain functions; this is where the rest is.
 */
import { UsageError } from '../errors.js'
import type { InvocationContext } from './invocation-context.js'
import type { ReceivedEvent } from './received-event.js'

/**
 * Set only while a handler is on the stack and put back before anything else runs, which is why one variable for the
 * whole module is enough, in browsers too, where nothing follows a promise.
 */
const running: { invocation: InvocationContext | undefined; event: ReceivedEvent | undefined } = {
  invocation: undefined,
  event: undefined,
}

/**
 * The invocation that the running procedure serves: its `details`, `caller`, `signal` and `progress()`. Ask before the
 * first `await`; the object itself can be kept and used later.
 *
 * @throws UsageError outside the synchronous part of a procedure.
 */
export function currentInvocation(): InvocationContext {
  if (running.invocation === undefined)
    throw new UsageError(
      'currentInvocation() was called outside a procedure; call it before the first await, and keep what it returns',
    )
  return running.invocation
}

/**
 * The event that the running event handler was called with: its `topic`, `publicationId`, `publisher` and `details`.
 * Ask before the first `await`.
 *
 * @throws UsageError outside the synchronous part of an event handler.
 */
export function currentEvent(): ReceivedEvent {
  if (running.event === undefined)
    throw new UsageError(
      'currentEvent() was called outside an event handler; call it before the first await, and keep what it returns',
    )
  return running.event
}

/** Runs `handler` as the procedure of `invocation`. */
export function runInvocation<T>(invocation: InvocationContext, handler: () => T): T {
  const outer = running.invocation
  running.invocation = invocation
  try {
    return handler()
  } finally {
    running.invocation = outer
  }
}

/** Runs `handler` as the handler of `event`. */
export function runEvent<T>(event: ReceivedEvent, handler: () => T): T {
  const outer = running.event
  running.event = event
  try {
    return handler()
  } finally {
    running.event = outer
  }
}
