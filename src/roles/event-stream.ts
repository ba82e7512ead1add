import { SessionClosedError } from '../errors.js'
import * as CLOSE from '../uris/close.js'
import type { TopicContract } from './contract.js'
import { Queue } from './queue.js'
import type { ReceivedEvent } from './received-event.js'
import type { Subscriber } from './subscriber.js'
import type { EventStream, StreamOptions, Subscription } from './subscription.js'

/** Events in a queue, for `for await`. */
class QueuedEvents extends Queue<ReceivedEvent> implements EventStream {
  subscription!: Subscription

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** Subscribes, and gives the events to read in a loop. @throws as `Subscriber.subscribe` does. */
export async function openEventStream(
  subscriber: Subscriber,
  topic: string | TopicContract,
  { limit, ...options }: StreamOptions = {},
): Promise<EventStream> {
  let stopped = false
  const events: QueuedEvents = new QueuedEvents(limit, () => {
    stopped = true
    return events.subscription?.unsubscribe()
  })
  events.subscription = await subscriber.subscribeToEvents(
    topic,
    options,
    (event) => events.push(event),
    (error) => (endsInOrder(error) ? events.end() : events.fail(error)),
  )
  // More than it could hold may have come together with SUBSCRIBED.
  if (stopped) await events.subscription.unsubscribe()
  return events
}

/** Did the session end because this side left it? */
function endsInOrder(error: Error): boolean {
  return error instanceof SessionClosedError && error.reason === CLOSE.realm
}
