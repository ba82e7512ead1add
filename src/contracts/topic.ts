import type { Dict } from '../messages/dictionaries.js'
import { Payload } from '../messages/payload.js'
import { withoutTrailingGaps } from '../roles/arguments.js'
import type { ContractPeer, PublishTypes, TopicContract } from '../roles/contract.js'
import { currentEvent, runEvent } from '../roles/current.js'
import type { PublishOptions } from '../roles/publisher.js'
import { ReceivedEvent } from '../roles/received-event.js'
import type { EventHandler } from '../roles/subscription.js'
import * as ERROR from '../uris/error.js'
import { type Arguments, checkedArguments, handlerArgumentsBy, type Soon } from './check.js'
import { expectContract } from './expect-contract.js'
import { InOrder, Orders } from './in-order.js'
import type {
  EventBySchemas,
  EventByTypes,
  HandledBySchemas,
  HandledByTypes,
  PublishedBySchemas,
  PublishedByTypes,
  TopicSchemas,
  TopicShape,
} from './topic-types.js'

/**
 * A topic that both ends have agreed upon: give it to `client.publish`, `client.subscribe` and `@subscriber` in place of its
 * URI.
 */
export interface Topic<
  Published extends PublishTypes = PublishTypes,
  Event extends ReceivedEvent = ReceivedEvent,
  Handler extends EventHandler = EventHandler,
> extends TopicContract<Published, Event, Handler> {
  /** The schemas that it was made with; none, if it was made of types alone. */
  readonly schemas: TopicSchemas
}

/**
 * A contract for one topic. With schemas of any library that follows Standard Schema, an event is checked before it is
 * published, and again before a handler has it, which gets what the schema makes of it; with types alone, the compiler
 * checks and nothing else does.
 *
 *     const weather = topic('com.example.weather', { args: z.tuple([Report]) })
 *     const news = topic<[headline: string]>('com.example.news')
 *
 * @throws UsageError if `uri` is no string, or a schema is none.
 */
export function topic<const Schemas extends TopicSchemas>(
  uri: string,
  schemas: Schemas,
): Topic<PublishedBySchemas<Schemas>, EventBySchemas<Schemas>, HandledBySchemas<Schemas>>
export function topic<Shape extends TopicShape = readonly unknown[]>(
  uri: string,
): Topic<PublishedByTypes<Shape>, EventByTypes<Shape>, HandledByTypes<Shape>>
export function topic(uri: string, schemas: TopicSchemas = {}): Topic {
  expectContract(uri, schemas)
  return new AgreedTopic(uri, schemas)
}

class AgreedTopic implements Topic {
  readonly #isChecked: boolean
  readonly #orders = new Orders()

  constructor(
    readonly uri: string,
    readonly schemas: TopicSchemas,
  ) {
    this.#isChecked = Object.keys(schemas).length > 0
  }

  async publish(
    peer: ContractPeer,
    args: readonly unknown[] = [],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined> {
    if (!this.#isChecked || !Array.isArray(args)) return peer.publish(this.uri, args, kwargs, options)
    const given = withoutTrailingGaps(args)
    return this.#orders
      .of(peer)
      .run(this.#check({ args: given, kwargs: kwargs ?? {} }), () =>
        peer.publish(this.uri, given, kwargs, options),
      )
  }

  handle(handler: EventHandler): EventHandler {
    if (!this.#isChecked) return handler
    const sink = this.sink((event) => {
      const args = handlerArgumentsBy(this.schemas, event)
      return runEvent(event, () => handler(...args))
    })
    return () => sink(currentEvent())
  }

  sink(deliver: (event: ReceivedEvent) => unknown): (event: ReceivedEvent) => unknown {
    if (!this.#isChecked) return deliver
    const order = new InOrder()
    return (event) =>
      order.run(this.#check(event), ({ args, kwargs }) => {
        const { topic, publicationId, details } = event
        return deliver(new ReceivedEvent(topic, publicationId, details, new Payload(args, kwargs)))
      })
  }

  #check(given: Arguments): Soon<Arguments> {
    const { uri } = this
    const place = (of: string) => ({ kind: 'topic', uri, of, error: ERROR.invalidArgument }) as const
    return checkedArguments(this.schemas, given, place)
  }
}
